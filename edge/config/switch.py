"""The privacy switch on disk: it is read before any device is opened and outlives restart, crash and upgrade."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from edge.config.paths import SYSTEM_STATE, state_dir
from edge.errors import EdgeError


def enabled_file(environ: Mapping[str, str] = os.environ) -> Path:
    """The file that holds ON or OFF."""
    return state_dir(environ) / "enabled"


def is_enabled(environ: Mapping[str, str] = os.environ) -> bool:
    """ON when the file says so or was never written; anything that cannot be read or understood is OFF."""
    try:
        return enabled_file(environ).read_text(encoding="utf-8").strip().upper() == "ON"
    except FileNotFoundError:
        return True
    except (OSError, UnicodeDecodeError):
        return False


def set_enabled(on: bool, environ: Mapping[str, str] = os.environ) -> Path:
    """Write the switch so that no crash can leave half of it; gives the file. Raises EdgeError when that fails."""
    path = enabled_file(environ)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # A folder of its own, so that a failed write leaves nothing behind.
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".enabled-") as workplace:
            unfinished = Path(workplace) / path.name
            with unfinished.open("w", encoding="utf-8") as file:
                file.write("ON\n" if on else "OFF\n")
                file.flush()
                os.fsync(file.fileno())
            unfinished.chmod(0o644)
            unfinished.replace(path)
    except OSError as error:
        remedy = "correct the folder or STATE_DIRECTORY" if os.geteuid() == 0 else "try again with sudo"
        raise EdgeError(f"The privacy switch {path} cannot be written ({error.strerror}): {remedy}.") from error
    return path


def service_switch_elsewhere(environ: Mapping[str, str] = os.environ) -> Path | None:
    """The switch of the system's service, when there is one and it is not this user's."""
    if not os.path.lexists(SYSTEM_STATE) or state_dir(environ) == SYSTEM_STATE:
        return None
    return SYSTEM_STATE / "enabled"
