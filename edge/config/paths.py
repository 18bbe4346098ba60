"""Where things lie: the service's folders for the service, the XDG folders for ordinary users."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

NAME = "edge-emotion"
SYSTEM_CONFIG = Path("/etc/edge-emotion/config.toml")
SYSTEM_STATE = Path("/var/lib/edge-emotion")


def _xdg(environ: Mapping[str, str], variable: str, fallback: str) -> Path:
    """The XDG base folder; a relative one is to be ignored, says the specification."""
    given = Path(environ.get(variable, ""))
    return (given if given.is_absolute() else home_dir(environ) / fallback) / NAME


def home_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """The user's home; the root where nobody knows one: a service's passing user (DynamicUser) may have none."""
    try:
        return Path(environ.get("HOME") or Path.home())
    except RuntimeError:
        return Path("/")


def config_file(environ: Mapping[str, str] = os.environ) -> Path | None:
    """The file that EDGE_EMOTION_CONFIG names, be it there or not; else the system's, the user's, or None."""
    named = environ.get("EDGE_EMOTION_CONFIG")
    if named:
        return Path(named)
    for path in (SYSTEM_CONFIG, _xdg(environ, "XDG_CONFIG_HOME", ".config") / "config.toml"):
        if path.is_file():
            return path
    return None


def state_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """What has to outlive a restart: systemd's StateDirectory, /var/lib for who may write there, else XDG state."""
    given = environ.get("STATE_DIRECTORY", "").split(":")[0]
    if given:
        return Path(given)
    if os.geteuid() == 0 or os.access(SYSTEM_STATE, os.W_OK):
        return SYSTEM_STATE
    return _xdg(environ, "XDG_STATE_HOME", ".local/state")


def cache_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """What can be made again: systemd's CacheDirectory, else XDG cache."""
    given = environ.get("CACHE_DIRECTORY", "").split(":")[0]
    return Path(given) if given else _xdg(environ, "XDG_CACHE_HOME", ".cache")
