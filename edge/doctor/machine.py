"""What several checks want to know of this machine, each looked up once."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge.board import Board, board
from edge.board.gpu import CudaDriver, cu_init
from edge.config import Settings, load_settings
from edge.doctor.closed import switched_off
from edge.doctor.daemon_packages import MODULES
from edge.doctor.device_trial import try_microphone
from edge.doctor.finding import Verdict
from edge.doctor.imports import ImportFault, import_faults
from edge.doctor.processes import Process, recorders, running_daemon
from edge.errors import EdgeError

if TYPE_CHECKING:
    from edge.doctor.microphone_listen import Heard
    from edge.infer.plan_key import PlanTarget


class Machine:
    """`flags` and `config_file` are what `run` would be given; `root` is where the board's files are.

    Without `opens_devices` no camera and no microphone is opened.
    """

    def __init__(
        self,
        flags: Mapping[str, Any] | None = None,
        config_file: Path | None = None,
        environ: Mapping[str, str] = os.environ,
        root: Path = Path("/"),
        opens_devices: bool = True,
    ) -> None:
        self.flags = dict(flags or {})
        self.config_file = config_file
        self.environ = environ
        self.root = root
        self.opens_devices = opens_devices
        self.tell: Callable[[str], None] = lambda _: None
        """Takes what a check is about to do that people should know of, like opening their camera."""

    def read_settings(self) -> Settings:
        """The settings as `run` would take them. Raises EdgeError."""
        return load_settings(self.flags, self.config_file, self.environ)

    @cached_property
    def settings(self) -> Settings:
        """The same, or the defaults where they are wrong: that is one check's finding, not every check's."""
        try:
            return self.read_settings()
        except EdgeError:
            return load_settings(self.flags, Path(os.devnull), {})

    @cached_property
    def board(self) -> Board:
        """The board's facts."""
        return board(self.root)

    @cached_property
    def driver(self) -> CudaDriver:
        """What CUDA's driver answers to this user."""
        return cu_init(on_jetson=self.board.is_jetson)

    @cached_property
    def package_faults(self) -> dict[str, ImportFault]:
        """What the imports of the daemon's packages end with."""
        return import_faults(list(MODULES))

    @property
    def deadly_package(self) -> str | None:
        """A package whose import crashes or hangs: numpy on a processor that it was not built for, say."""
        return next((module for module, fault in self.package_faults.items() if fault.is_deadly), None)

    @cached_property
    def gpu_import_faults(self) -> dict[str, ImportFault]:
        """What the imports of TensorRT and pycuda end with; a broken one may end a process."""
        return {**import_faults(["tensorrt"]), **import_faults(["pycuda.driver"])}

    @cached_property
    def target(self) -> PlanTarget | None:
        """What plans have to be built for here; None where the driver, TensorRT or pycuda does not work."""
        if self.gpu_import_faults or not self.driver.works:
            return None
        from edge.infer.cuda import CudaBackend

        try:
            return CudaBackend(self.board.l4t or "").target()
        except EdgeError:
            return None

    @cached_property
    def daemon(self) -> Process | None:
        """The daemon that runs here; whatever it uses is not taken from it."""
        return running_daemon(self.root / "proc")

    @cached_property
    def recording_daemon(self) -> Process | None:
        """The daemon, where it has a sound card open, or somebody hidden from this user has while it runs."""
        holders = recorders(self.root / "proc")
        return self.daemon if any(holder.is_daemon or not holder.name for holder in holders) else None

    @property
    def devices_closed(self) -> str | None:
        """Why no camera and no microphone may be opened; None where they may."""
        return switched_off(self.environ) if self.opens_devices else "devices are to stay closed (--no-devices)"

    @cached_property
    def heard(self) -> Heard | EdgeError:
        """A short recording by the microphone of the settings, or why there is none. Ask `devices_closed` first."""
        self.tell("opening the microphone for 3 s …")
        try:
            return try_microphone(self.settings, self.environ)
        except EdgeError as error:
            return error

    @property
    def device_fault(self) -> Verdict:
        """How bad it is when a camera or microphone cannot be had: as a rule the daemon waits for it."""
        return Verdict.FAILED if self.settings.require_devices else Verdict.WARNING

    @property
    def no_gpu_wanted(self) -> str | None:
        """Why the checks of the GPU do not apply; None where they do."""
        if self.settings.engine == "onnx":
            return "the setting engine is onnx"
        if self.settings.engine == "auto" and not (self.board.has_nvidia_gpu or self.driver.works):
            return "there is no NVIDIA GPU; ONNX Runtime computes on the processor"
        return None

    @property
    def gpu_fault(self) -> Verdict:
        """How bad it is when the GPU cannot be used: with engine = auto ONNX Runtime does the work instead."""
        return Verdict.FAILED if self.settings.engine == "tensorrt" else Verdict.WARNING
