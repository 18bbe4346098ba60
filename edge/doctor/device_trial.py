"""Whether a camera or a microphone really works, tried by a child process: its driver may hang or crash."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge.config import Settings
from edge.doctor import device_probe
from edge.doctor.closed import ClosedError
from edge.errors import BusyError, DeviceError, UsageError

if TYPE_CHECKING:
    from edge.doctor.camera_look import Seen
    from edge.doctor.microphone_listen import Heard

LIMIT_S = 12
"""With Python's own start. A device that works is done in three or four."""
_LEAVE_S = 1.0
_ERRORS = {kind.__name__: kind for kind in (BusyError, ClosedError, UsageError)}


def try_camera(settings: Settings, environ: Mapping[str, str], limit_s: int = LIMIT_S) -> Seen:
    """A look through the camera of the settings. Raises EdgeError: DeviceError, BusyError, ClosedError, UsageError."""
    from edge.doctor.camera_look import Seen

    video = settings.video
    sources = {
        "camera": settings.camera,
        "mic": "none",
        "width": video.width,
        "height": video.height,
        "fps": round(video.fps),
    }
    return Seen(**_ask(sources, "The camera", environ, limit_s))


def try_microphone(settings: Settings, environ: Mapping[str, str], limit_s: int = LIMIT_S) -> Heard:
    """A short recording by the microphone of the settings. Raises EdgeError, as `try_camera` does."""
    from edge.doctor.microphone_listen import Heard

    sources = {"camera": "none", "mic": settings.mic, "chunk_ms": settings.audio.chunk_ms}
    return Heard(**_ask(sources, "The microphone", environ, limit_s))


def _ask(sources: dict[str, Any], device: str, environ: Mapping[str, str], limit_s: int) -> dict[str, Any]:
    order = {"path": [path or str(Path.cwd()) for path in sys.path], "limit_s": limit_s + 3, "sources": sources}
    child = subprocess.Popen(
        [sys.executable, "-I", str(Path(device_probe.__file__))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **environ},
    )
    try:
        said, _ = child.communicate(json.dumps(order).encode(), timeout=limit_s)
    except subprocess.TimeoutExpired:
        _leave(child)
        raise DeviceError(f"{device} gave no answer within {limit_s} s: plug it in anew, or restart.") from None
    except BaseException:
        _leave(child)
        raise
    return _understood(said, child.returncode, device)


def _understood(said: bytes, code: int, device: str) -> dict[str, Any]:
    try:
        answer = json.loads(said)
    except ValueError:
        how = f"crashed (signal {-code})" if code < 0 else f"ended with {code}"
        raise DeviceError(f"{device} was not opened, the program that tried it {how}: update its driver.") from None
    if "error" in answer:
        raise _ERRORS.get(answer["kind"], DeviceError)(answer["error"])
    told: dict[str, Any] = answer["told"]
    return told


def _leave(child: subprocess.Popen[bytes]) -> None:
    """Kill it; one that hangs inside the kernel does not even hear that, and is not waited for."""
    child.kill()
    try:
        child.communicate(timeout=_LEAVE_S)
    except subprocess.TimeoutExpired:
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                stream.close()
