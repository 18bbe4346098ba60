"""Who this device is to the broker, and how it proves that."""

from __future__ import annotations

import hashlib
import logging
import os
import stat
import uuid
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path

from edge.config import MqttSettings
from edge.config.forms import username_fault
from edge.errors import ConfigError

PASSWORD_VARIABLE = "EDGE_EMOTION_MQTT_PASSWORD"  # noqa: S105 - a name
PASSWORD_CREDENTIAL = "mqtt-password"  # noqa: S105 - a name
USERNAME_CREDENTIAL = "mqtt-username"
_MACHINE_IDS = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
_hidden: dict[str, str] = {}
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Login:
    """What the broker is told; its text form, which may end in a log, holds no password."""

    username: str | None
    password: str | None = field(repr=False)


def read_login(
    settings: MqttSettings,
    username: str | None = None,
    environ: MutableMapping[str, str] = os.environ,
) -> Login:
    """The first that there is of each.

    Name: `mqtt.username`, `username` (from the broker's URL), the systemd credential `mqtt-username`.
    Password: the file, the environment (which forgets it, see `hide_password`), the systemd credential `mqtt-password`.
    Raises ConfigError when a file that is there, or has to be, cannot be used, and for a name that MQTT cannot carry.
    """
    hide_password(environ)
    if settings.password_file is not None:
        password: str | None = read_password(settings.password_file)
    else:
        password = _hidden.get(PASSWORD_VARIABLE) or _credential(PASSWORD_CREDENTIAL, environ)
    name = settings.username or username or _credential(USERNAME_CREDENTIAL, environ)
    fault = username_fault(name or "")
    if fault:
        raise ConfigError(f"The user name for the broker {fault}: correct it in its address, or in mqtt-username.")
    return Login(name, password)


def hide_password(environ: MutableMapping[str, str] = os.environ) -> None:
    """Take the password out of the environment, which every child inherits, and keep it for `read_login`."""
    password = environ.pop(PASSWORD_VARIABLE, "")
    if password:
        _hidden[PASSWORD_VARIABLE] = password


def client_id(device_id: str) -> str:
    """The same on every start of this device on this machine, and 19 bytes: brokers may refuse more than 23.

    machine-id(5) asks not to show the number itself: only a hash of it leaves.
    """
    machine = next((text for path in _MACHINE_IDS if (text := _read(path))), str(uuid.getnode()))
    return "ee-" + hashlib.sha256(f"edge-emotion\0{machine}\0{device_id}".encode()).hexdigest()[:16]


def read_password(path: Path) -> str:
    """The first line of a password file; raises ConfigError when there is none."""
    password = _first_line(path, f"The password file {path}", "correct mqtt.password_file or the file's rights")
    if path.stat().st_mode & stat.S_IROTH:
        _log.warning("everybody on this machine can read the password file %s: chmod 600 %s", path, path)
    return password


def _credential(name: str, environ: Mapping[str, str]) -> str | None:
    """A credential of systemd's: a file of this name in a folder that it made for this service alone.

    An empty one, or a mere line break, is none: the unit's `SetCredential=` stands there where nobody set a password.
    """
    folder = environ.get("CREDENTIALS_DIRECTORY")
    path = Path(folder or "", name)
    if not folder or not path.is_file() or path.read_bytes() in (b"", b"\n"):
        return None
    return _first_line(path, f"The systemd credential {name}", "correct the unit's LoadCredential=")


def _first_line(path: Path, called: str, remedy: str) -> str:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ConfigError(f"{called} cannot be read ({reason}); {remedy}.") from error
    if not lines or not lines[0]:
        raise ConfigError(f"{called} has nothing in its first line; write it there.")
    return lines[0]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
