"""Whether CUDA works for this user: a real cuInit(0), made by a child process."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.board import cuda_probe
from edge.board.cuda_codes import cuda_code

TIMEOUT_S = 15.0
"""The first cuInit after a start of a Jetson takes a second or two."""
_LEAVE_S = 1.0
_LIBRARY = f"NVIDIA's driver library {cuda_probe.LIBRARY}"
_HANGS = "restart the machine; if it goes on, install NVIDIA's driver again"


@dataclass(frozen=True)
class CudaDevice:
    """One GPU; `capability` like 8.7; `integrated` where it lives in the machine's own memory, as on a Jetson."""

    name: str
    capability: str | None
    integrated: bool


@dataclass(frozen=True)
class CudaDriver:
    """`code` is cuInit's answer, None without a library, after a hang or a crash. `version` like 12.6.

    `meaning` and `remedy` are parts of a sentence; `said` is the last that the driver printed.
    """

    loaded: bool
    code: int | None
    name: str
    meaning: str
    remedy: str
    version: str | None = None
    devices: tuple[CudaDevice, ...] = ()
    said: str = ""

    @property
    def works(self) -> bool:
        """Whether CUDA is initialised and has a GPU."""
        return self.code == 0 and bool(self.devices)

    @property
    def words(self) -> str:
        """What was found, without the remedy."""
        if self.works:
            gpus = ", ".join(f"{d.name} ({d.capability or 'unknown'})" for d in self.devices)
            return f"{gpus}, driver for CUDA {self.version or 'unknown'}"
        code = f"cuInit(0) answers {self.code} ({self.name}): " if self.code is not None else ""
        return f"{code}{self.meaning}" + (f'; it said "{self.said}"' if self.said else "")


def cu_init(timeout_s: float = TIMEOUT_S, *, on_jetson: bool = False) -> CudaDriver:
    """Ask the driver, as this user; a driver that hangs is left after `timeout_s`, with the process that asked it."""
    # Isolated: neither the current folder nor this one lend their modules to a program that needs none.
    command = [sys.executable, "-I", str(Path(cuda_probe.__file__))]
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        answer, said = child.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        _leave(child)
        meaning = f"the driver gave no answer to cuInit(0) within {timeout_s:g} s"
        return CudaDriver(True, None, "no answer", meaning, _HANGS)
    last = _last_line(said)
    if child.returncode < 0:
        meaning = f"the driver crashed in cuInit(0) (signal {-child.returncode})"
        return CudaDriver(True, None, "crash", meaning, _HANGS, said=last)
    try:
        return _understood(json.loads(answer), last, on_jetson)
    except (ValueError, KeyError, TypeError):
        meaning = f"the process that asked the driver ended with {child.returncode} and without an answer"
        return CudaDriver(True, None, "no answer", meaning, _HANGS, said=last)


def _understood(said: dict[str, Any], last: str, on_jetson: bool) -> CudaDriver:
    if not said["loaded"]:
        missing = said["error"].startswith(f"{cuda_probe.LIBRARY}: cannot open shared object file")
        meaning = f"{_LIBRARY} is not here" if missing else f"{_LIBRARY} cannot be loaded: {said['error']}"
        remedy = "apt install nvidia-l4t-cuda" if on_jetson else "install NVIDIA's driver, if there is an NVIDIA GPU"
        return CudaDriver(False, None, "no library", meaning, remedy, said=last)
    version = f"{said['driver'] // 1000}.{said['driver'] % 1000 // 10}" if said["driver"] else None
    devices = tuple(_device(device) for device in said["devices"])
    code = 100 if said["code"] == 0 and not devices else said["code"]
    known = cuda_code(code, said["name"], on_jetson=on_jetson)
    return CudaDriver(True, code, known.name, known.meaning, known.remedy, version, devices, "" if devices else last)


def _device(said: dict[str, Any]) -> CudaDevice:
    known = said["major"] is not None and said["minor"] is not None
    return CudaDevice(said["name"], f"{said['major']}.{said['minor']}" if known else None, said["integrated"])


def _leave(child: subprocess.Popen[bytes]) -> None:
    """Kill it; one that hangs inside the kernel does not even hear that, and is not waited for."""
    child.kill()
    try:
        child.communicate(timeout=_LEAVE_S)
    except subprocess.TimeoutExpired:
        for stream in (child.stdout, child.stderr):
            if stream is not None:
                stream.close()


def _last_line(said: bytes) -> str:
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return "".join(c for c in lines[-1] if c.isprintable())[:200].strip() if lines else ""
