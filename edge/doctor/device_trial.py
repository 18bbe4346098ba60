"""Whether a camera or a microphone really works, tried by a child process: its driver may hang or crash."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from edge.config import Settings
from edge.doctor import device_probe
from edge.doctor.closed import ClosedError
from edge.errors import BusyError, DeviceError, UsageError

if TYPE_CHECKING:
    from edge.doctor.camera_look import Seen
    from edge.doctor.microphone_listen import Heard

START_S = 60.0
"""For Python and its packages alone; a Jetson that reads from a cold card takes half of it."""
LIMIT_S = 10.0
"""From then on. A device that works is done in three."""
_LEAVE_S = 1.0
_ERRORS = {kind.__name__: kind for kind in (BusyError, ClosedError, UsageError)}


def try_camera(settings: Settings, environ: Mapping[str, str], limit_s: float = LIMIT_S) -> Seen:
    """A look through the camera of the settings. Raises EdgeError: DeviceError, BusyError, ClosedError, UsageError."""
    from edge.doctor.camera_look import Seen

    video = settings.video
    size = {"width": video.width, "height": video.height, "fps": video.fps}
    return Seen(**_ask({"camera": settings.camera, "mic": "none", **size}, "The camera", environ, limit_s))


def try_microphone(settings: Settings, environ: Mapping[str, str], limit_s: float = LIMIT_S) -> Heard:
    """A short recording by the microphone of the settings. Raises EdgeError, as `try_camera` does."""
    from edge.doctor.microphone_listen import Heard

    sources = {"camera": "none", "mic": settings.mic, "chunk_ms": settings.audio.chunk_ms}
    return Heard(**_ask(sources, "The microphone", environ, limit_s))


def _ask(sources: dict[str, Any], device: str, environ: Mapping[str, str], limit_s: float) -> dict[str, Any]:
    """The answer's `told`, or its error raised."""
    child = subprocess.Popen(
        [sys.executable, "-I", str(Path(device_probe.__file__))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **environ},
        bufsize=0,
    )
    order = {
        "path": [path or str(Path.cwd()) for path in sys.path],
        "limit_s": round(START_S + limit_s),
        "sources": sources,
    }
    try:
        _tell(child.stdin, order)
        answer = _line(child, device, START_S)
        if "ready" in answer:
            answer = _line(child, device, limit_s)
    finally:
        _leave(child)
    if "error" in answer:
        raise _ERRORS.get(answer["kind"], DeviceError)(answer["error"])
    told: dict[str, Any] = answer["told"]
    return told


def _tell(pipe: IO[bytes] | None, order: dict[str, Any]) -> None:
    with contextlib.suppress(BrokenPipeError):  # the lack of an answer tells
        if pipe is not None:
            pipe.write(json.dumps(order).encode() + b"\n")


def _line(child: subprocess.Popen[bytes], device: str, limit_s: float) -> dict[str, Any]:
    """The next line that the child says. Its end is not waited for: a thread that hangs may keep the pipe open.

    Raises DeviceError.
    """
    line, end_s = b"", time.monotonic() + limit_s
    while child.stdout is not None and not line.endswith(b"\n"):
        if not select.select([child.stdout], [], [], max(0.0, end_s - time.monotonic()))[0]:
            raise DeviceError(f"{device} gave no answer within {limit_s:g} s: plug it in anew, or restart.")
        byte = child.stdout.read(1)
        if not byte:
            raise DeviceError(f"{device} was not opened, the program that tried it {_end(child)}: update its driver.")
        line += byte
    said: dict[str, Any] = json.loads(line)
    return said


def _end(child: subprocess.Popen[bytes]) -> str:
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(_LEAVE_S)
    code = child.returncode
    return f"crashed (signal {-code})" if code is not None and code < 0 else "ended without an answer"


def _leave(child: subprocess.Popen[bytes]) -> None:
    """Kill it; one that hangs inside the kernel does not even hear that, and is not waited for."""
    child.kill()
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(_LEAVE_S)
    for stream in (child.stdin, child.stdout):
        if stream is not None:
            stream.close()
