"""The privacy switch on disk: it is read before any device is opened and outlives restart, crash and upgrade."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from edge.config.paths import SYSTEM_STATE, state_dir
from edge.errors import EdgeError

_WORKPLACE = ".enabled-"
_STALE_S = 60.0
_MOST_BYTES = 64
_ROOM = {errno.ENOSPC: "make room there", errno.EDQUOT: "make room there", errno.EROFS: "make its disk writable"}


def enabled_file(environ: Mapping[str, str] = os.environ) -> Path:
    """The file that holds ON or OFF."""
    return state_dir(environ) / "enabled"


def is_enabled(environ: Mapping[str, str] = os.environ) -> bool:
    """ON when the file says so or was never written; anything that cannot be read or understood is OFF."""
    return read_switch(environ)[0]


def read_switch(environ: Mapping[str, str] = os.environ) -> tuple[bool, str | None]:
    """What `is_enabled` says, and a sentence where that is OFF because the file is not as it should be."""
    path = enabled_file(environ)
    try:
        word = _word(path)
    except FileNotFoundError:
        return True, None
    except UnicodeDecodeError:
        word = "?"
    except OSError as error:
        return False, f"The privacy switch {path} cannot be read ({error.strerror}) and counts as OFF: mend it."
    if word in {"ON", "OFF", ""}:  # empty: OFF, written on a full disk
        return word == "ON", None
    return False, f"The privacy switch {path} holds neither ON nor OFF and counts as OFF: edge-emotion enable sets it."


def _word(path: Path) -> str:
    """What the file says. Whatever else lies there, a pipe or a device, is not waited for."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return "?"
        return os.read(descriptor, _MOST_BYTES).decode().strip().upper()
    finally:
        os.close(descriptor)


def set_enabled(on: bool, environ: Mapping[str, str] = os.environ) -> Path:
    """Write the switch so that no crash can leave half of it; gives the file. Raises EdgeError when that fails."""
    path = enabled_file(environ)
    text = "ON\n" if on else "OFF\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, text)
    except OSError as error:
        try:
            _write_over(path, text)
        except OSError:
            remedy = "correct the folder or STATE_DIRECTORY" if os.geteuid() == 0 else "try again with sudo"
            remedy = _ROOM.get(error.errno or 0, remedy)
            raise EdgeError(f"The privacy switch {path} cannot be written ({error.strerror}): {remedy}.") from error
    return path


def _replace(path: Path, text: str) -> None:
    """The old file or the new one, whenever the power fails."""
    _sweep(path.parent)
    # A folder of its own, so that a failed write leaves nothing behind.
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=_WORKPLACE) as workplace:
        unfinished = Path(workplace) / path.name
        with unfinished.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        unfinished.chmod(0o644)
        unfinished.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _write_over(path: Path, text: str) -> None:
    """For a disk without room for a second file. OFF needs none: a file that is empty, or torn, counts as OFF."""
    off = text != "ON\n"
    descriptor = os.open(path, os.O_WRONLY | (os.O_CREAT | os.O_TRUNC if off else 0), 0o644)
    try:
        with contextlib.suppress(OSError) if off else contextlib.nullcontext():
            os.write(descriptor, text.encode())
            os.ftruncate(descriptor, len(text))
        with contextlib.suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sweep(folder: Path) -> None:
    """Remove what a writer that was killed left behind; a younger one may still be at work."""
    for left in folder.glob(f"{_WORKPLACE}*"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > _STALE_S:
                shutil.rmtree(left, ignore_errors=True)


def service_switch_elsewhere(environ: Mapping[str, str] = os.environ) -> Path | None:
    """The switch of the system's service, when there is one and it is not this user's."""
    if not os.path.lexists(SYSTEM_STATE) or state_dir(environ) == SYSTEM_STATE:
        return None
    return SYSTEM_STATE / "enabled"
