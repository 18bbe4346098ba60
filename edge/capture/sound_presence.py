"""What changes when a microphone may have come back: cards, their nodes, and the sockets of sound servers."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping
from pathlib import Path

_SOCKET = re.compile(r"(?:\{[^}]*\})?(?:unix:)?(/.+)")
"""How libpulse writes a socket in a list of servers: `unix:/path`, `/path`, and for one machine `{id}unix:/path`."""


def sound_presence(
    environment: Mapping[str, str] = os.environ,
    asound: Path = Path("/proc/asound"),
    dev: Path = Path("/dev/snd"),
) -> tuple[object, ...]:
    """A token that is another one after a card was plugged in or a sound server started; it looks at files only."""
    return (_text(asound / "cards"), _nodes(dev), *(_identity(path) for path in _sockets(environment)))


def _sockets(environment: Mapping[str, str]) -> list[Path]:
    """Where PulseAudio, and PipeWire in its place, may listen."""
    paths = []
    for server in environment.get("PULSE_SERVER", "").split():
        named = _SOCKET.fullmatch(server)
        if named is not None:
            paths.append(Path(named.group(1)))
    runtime = Path(environment.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")
    own = environment.get("PULSE_RUNTIME_PATH")
    paths.append(Path(own) / "native" if own else runtime / "pulse" / "native")
    return [*paths, runtime / "pipewire-0", Path("/run/pulse/native")]


def _nodes(dev: Path) -> frozenset[tuple[str, int, int, int]]:
    """Of each node its name, inode, mode and group: a new one may not be opened before udev has set them."""
    found = set()
    with contextlib.suppress(OSError), os.scandir(dev) as entries:  # no card, or one that goes while we look
        for entry in entries:
            status = entry.stat(follow_symlinks=False)
            found.add((entry.name, status.st_ino, status.st_mode, status.st_gid))
    return frozenset(found)


def _identity(path: Path) -> tuple[int, int] | None:
    """Inode and birth of a socket: a server that starts makes a new one."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_ctime_ns


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
