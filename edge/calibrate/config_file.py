"""The lag into the config file: that one value is changed, and everything else in it stays as it was written."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Mapping, MutableMapping
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from edge.config import config_file, state_dir
from edge.config.paths import NAME, SYSTEM_CONFIG, SYSTEM_STATE, home_dir
from edge.errors import EdgeError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SECTION, KEY = "sync", "audio_offset_ms"


def target_file(named: Path | None, environ: Mapping[str, str] = os.environ) -> Path:
    """The file that `run` reads; where there is none yet, the service's for the service and root, else the user's."""
    path = named or config_file(environ)
    if path is not None:
        return path
    if state_dir(environ) == SYSTEM_STATE:
        return SYSTEM_CONFIG
    given = Path(environ.get("XDG_CONFIG_HOME", ""))
    return (given if given.is_absolute() else home_dir(environ) / ".config") / NAME / "config.toml"


def write_offset(path: Path, offset_ms: float) -> None:
    """Set `[sync] audio_offset_ms` in the file, which is made where there is none; whole or not at all.

    Raises EdgeError, with the line to put in by hand, where the file cannot be written.
    """
    file = path.resolve()
    try:
        _replace(file, _changed(_read(file), offset_ms))
    except (OSError, ValueError, TOMLKitError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise EdgeError(
            f"The lag is {offset_ms:+.1f} ms, but the config file {path} cannot be written ({reason}): "
            f"put {KEY} = {offset_ms} into its section [{SECTION}] by hand."
        ) from error


def _read(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return ""


def _changed(text: str, offset_ms: float) -> str:
    """The TOML `text` with the new value. Raises ValueError where anything else would change with it."""
    document = tomlkit.parse(text)
    if SECTION not in document:
        document[SECTION] = tomlkit.table()
    section = document[SECTION]
    if not isinstance(section, MutableMapping):
        raise ValueError(f"its {SECTION} is no section")  # noqa: TRY004  (it is the file that is wrong)
    section[KEY] = offset_ms
    changed = tomlkit.dumps(document)
    wanted = tomllib.loads(text)
    wanted.setdefault(SECTION, {})[KEY] = offset_ms
    if tomllib.loads(changed) != wanted:
        raise ValueError("its keys are written in a way that cannot be kept")
    return changed


def _replace(file: Path, text: str) -> None:
    """By way of a finished file beside it, with the owner and the rights of the one before."""
    file.parent.mkdir(parents=True, exist_ok=True)
    before = file.stat() if file.exists() else None
    if before is not None and not os.access(file, os.W_OK):
        raise PermissionError(13, "Permission denied")
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=f".{file.name}-") as workplace:
        unfinished = Path(workplace) / file.name
        with unfinished.open("wb") as stream:
            stream.write(text.encode("utf-8"))
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.chmod(0o644 if before is None else before.st_mode & 0o7777)
        if before is not None:
            with contextlib.suppress(PermissionError):
                os.chown(unfinished, before.st_uid, before.st_gid)
        unfinished.replace(file)
