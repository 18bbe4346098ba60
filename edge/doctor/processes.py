"""Who else runs here and holds a device, as far as /proc tells this user."""

from __future__ import annotations

import re
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edge.doctor.unit_file import UNIT

PROC = Path("/proc")
_COMMAND = "edge-emotion"
_MODULES = frozenset({"edge", "edge.cli"})
_OWNER = re.compile(r"^owner_pid\s*:\s*(\d+)", re.MULTILINE)
_THREAD_GROUP = re.compile(r"^Tgid:\s*(\d+)", re.MULTILINE)
_ANSWER_S = 3.0


@dataclass(frozen=True)
class Process:
    """One that runs; `is_daemon`: it is `edge-emotion run`. The name is empty where it is hidden from this user."""

    pid: int
    name: str
    is_daemon: bool

    @property
    def words(self) -> str:
        """Like "the running daemon (process 812)"."""
        name = "the running daemon" if self.is_daemon else self.name or "another user's program"
        return f"{name} (process {self.pid})"


def running_daemon(proc: Path = PROC) -> Process | None:
    """The daemon of this machine, by its command line or, where others' are hidden, by systemd's word; else None."""
    found = (_process(folder) for folder in _pids(proc))
    seen = next((process for process in found if process.is_daemon), None)
    return seen or (_service() if proc == PROC else None)


def _service() -> Process | None:
    if not Path("/run/systemd/system").is_dir():
        return None
    words = ["systemctl", "show", "--value", "--property=MainPID", UNIT]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=_ANSWER_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    pid = done.stdout.strip()
    return Process(int(pid), "", is_daemon=True) if pid.isdigit() and int(pid) else None


def node_holders(node: Path, proc: Path = PROC) -> list[Process]:
    """Who has the device node open; those of other users are seen by root alone."""
    try:
        facts = node.stat()
    except OSError:
        return []
    if not stat.S_ISCHR(facts.st_mode):
        return []
    return [_process(folder) for folder in _pids(proc) if _has_open(folder, facts.st_rdev)]


def recorders(proc: Path = PROC) -> list[Process]:
    """Who records from a sound card: ALSA tells everybody at least the number of its thread."""
    found = {}
    for status in sorted(proc.glob("asound/card*/pcm*c/sub*/status")):
        owner = _OWNER.search(_text(status))
        if owner is None:
            continue
        group = _THREAD_GROUP.search(_text(proc / owner[1] / "status"))
        process = _process(proc / (group[1] if group else owner[1]))
        found[process.pid] = process
    return list(found.values())


def _pids(proc: Path) -> Iterator[Path]:
    try:
        yield from sorted((folder for folder in proc.iterdir() if folder.name.isdigit()), key=lambda one: int(one.name))
    except OSError:
        return


def _process(folder: Path) -> Process:
    words = [*_text(folder / "cmdline").split("\0"), ""]
    return Process(int(folder.name), _text(folder / "comm").strip(), _is_daemon(words))


def _is_daemon(words: list[str]) -> bool:
    """Python with the command's file or with `-m edge.cli`, and `run`, which goes without saying."""
    if not Path(words[0]).name.startswith("python"):
        return False
    for place, word in enumerate(words[1:], 1):
        if word == "-m":
            return words[place + 1] in _MODULES and _runs(words[place + 2 :])
        if not word.startswith("-"):
            return Path(word).name == _COMMAND and _runs(words[place + 1 :])
    return False


def _runs(words: list[str]) -> bool:
    return not words[0] or words[0].startswith("-") or words[0] == "run"


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
