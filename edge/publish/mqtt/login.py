"""Who this device is to the broker."""

from __future__ import annotations

import hashlib
import uuid
from pathlib import Path

from edge.errors import ConfigError

_MACHINE_IDS = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))


def client_id(device_id: str) -> str:
    """The same on every start of this device on this machine, and 19 bytes: brokers may refuse more than 23.

    machine-id(5) asks not to show the number itself: only a hash of it leaves.
    """
    machine = next((text for path in _MACHINE_IDS if (text := _read(path))), str(uuid.getnode()))
    return "ee-" + hashlib.sha256(f"edge-emotion\0{machine}\0{device_id}".encode()).hexdigest()[:16]


def read_password(path: Path) -> str:
    """The first line of a password file; raises ConfigError when there is none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ConfigError(
            f"The password file {path} cannot be read ({reason}); correct mqtt.password_file or the file's rights."
        ) from error
    if not lines or not lines[0]:
        raise ConfigError(f"The password file {path} is empty; write the broker's password into its first line.")
    return lines[0]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
