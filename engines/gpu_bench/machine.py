"""What the figures were measured on."""

from __future__ import annotations

import platform
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import psutil

from edge.board import Board, Clock, Clocks
from edge.infer.plan_key import PlanTarget

_LOUD = 0.5
_PACKAGES = ("onnxruntime", "onnxruntime-gpu", "pycuda", "torch", "numpy")


@dataclass(frozen=True)
class Machine:
    """`gpu` is None where none took part. `before` and `after` are the clocks around the measurement."""

    name: str
    day: str
    cores: int
    memory_mb: int
    load: float
    """Processes that wanted a core in the minute before: 0 on a machine that is left alone."""
    gpu: PlanTarget | None
    power_mode: str | None
    l4t: str | None
    cuda: str | None
    versions: dict[str, str]
    before: Clocks
    after: Clocks

    def as_json(self) -> dict[str, Any]:
        """Everything."""
        return asdict(self)

    @property
    def lines(self) -> list[str]:
        """For people."""
        found = [f"{self.day}: {self.name}; {self.cores} cores, {self.memory_mb} MB of memory."]
        if self.gpu is not None:
            cuda = f", CUDA {self.cuda}" if self.cuda else ""
            found.append(f"GPU: {self.gpu.device}, SM {self.gpu.sm}, TensorRT {self.gpu.version}{cuda}.")
        found.append(f"{', '.join(f'{name} {number}' for name, number in self.versions.items())}.")
        if self.load > _LOUD:
            found.append(f"Other programs ran (load {self.load:.1f} before): p99 is theirs as well.")
        clocks = _clocks(self.before, self.after)
        if clocks:
            found.append(f"Clocks before → after: {clocks}; power mode {self.power_mode or 'not told'}.")
        return found


def machine(before: Board, after: Board, gpu: PlanTarget | None, load: float) -> Machine:
    """The facts of this run; `load` is that of the minute before it."""
    return Machine(
        name=before.words if before.is_jetson or before.has_nvidia_gpu else f"{platform.machine()}, no NVIDIA GPU",
        day=datetime.now(timezone.utc).strftime("%Y-%m-%d"),
        cores=len(psutil.Process().cpu_affinity()),
        memory_mb=round(psutil.virtual_memory().total / 2**20),
        load=load,
        gpu=gpu,
        power_mode=before.power_mode,
        l4t=before.l4t,
        cuda=before.cuda,
        versions=_versions(),
        before=before.clocks,
        after=after.clocks,
    )


def _versions() -> dict[str, str]:
    """What is not installed is not there."""
    found = {"Python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _clocks(before: Clocks, after: Clocks) -> str:
    parts = []
    for name in ("gpu", "cpu", "emc"):
        told = [_mhz(getattr(clocks, name)) for clocks in (before, after)]
        if any(told):
            parts.append(f"{name.upper()} {told[0] or '?'} → {told[1] or '?'} MHz")
    return ", ".join(parts)


def _mhz(clock: Clock | None) -> str:
    return str(clock.now_mhz) if clock is not None and clock.now_mhz else ""
