"""Who else runs here and holds a device, as far as /proc tells this user."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
_COMMANDS = frozenset({"demo", "run"})
"""The subcommands that open devices for long; `run` goes without saying."""
_OWNER = re.compile(r"^owner_pid\s*:\s*(\d+)", re.MULTILINE)
_THREAD_GROUP = re.compile(r"^Tgid:\s*(\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Process:
    """One that runs; `is_daemon`: it is `edge-emotion run`."""

    pid: int
    name: str
    is_daemon: bool

    @property
    def words(self) -> str:
        """Like "the running daemon (process 812)"."""
        return f"{'the running daemon' if self.is_daemon else self.name} (process {self.pid})"


def running_daemon(proc: Path = PROC) -> Process | None:
    """The daemon of this machine; None where none runs, or where processes of others are hidden from this user."""
    return next((found for found in map(_process, _pids(proc)) if found is not None and found.is_daemon), None)


def node_holders(node: Path, proc: Path = PROC) -> list[Process]:
    """Who has the device node open; those of other users are seen by root alone."""
    try:
        number = node.stat().st_rdev
    except OSError:
        return []
    holders = [_process(folder) for folder in _pids(proc) if _has_open(folder, number)]
    return [holder for holder in holders if holder is not None]


def recorders(proc: Path = PROC) -> list[Process]:
    """Who records from a sound card: ALSA tells that to everybody."""
    found = {}
    for status in sorted(proc.glob("asound/card*/pcm*c/sub*/status")):
        owner = _OWNER.search(_text(status))
        if owner is None:
            continue
        thread = proc / owner[1]  # ALSA names the thread
        group = _THREAD_GROUP.search(_text(thread / "status"))
        process = _process(proc / (group[1] if group else owner[1]))
        if process is not None:
            found[process.pid] = process
    return list(found.values())


def _pids(proc: Path) -> Iterator[Path]:
    try:
        yield from sorted((folder for folder in proc.iterdir() if folder.name.isdigit()), key=lambda one: int(one.name))
    except OSError:
        return


def _process(folder: Path) -> Process | None:
    words = _text(folder / "cmdline").split("\0")
    name = _text(folder / "comm").strip()
    return Process(int(folder.name), name, _is_daemon(words)) if name else None


def _is_daemon(words: list[str]) -> bool:
    """Python with the command's file, or with `-m edge.cli`."""
    for place, word in enumerate(words[:4]):
        if Path(word).name == "edge-emotion" or (
            word == "-m" and words[place + 1 : place + 2] in (["edge"], ["edge.cli"])
        ):
            rest = [more for more in words[place + (2 if word == "-m" else 1) :] if more]
            return not rest or rest[0].startswith("-") or rest[0] in _COMMANDS
    return False


def _has_open(folder: Path, number: int) -> bool:
    try:
        for descriptor in (folder / "fd").iterdir():
            try:
                if descriptor.stat().st_rdev == number:
                    return True
            except OSError:
                continue
    except OSError:
        return False
    return False


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
