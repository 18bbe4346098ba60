"""What is written on a machine's disk, file by file, to be compared."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

# What a running Debian writes by itself, whoever installs what: logs, random seed, clocks, the broker's own store, and
# the copies that the tools for groups keep of the file before.
_OF_THE_SYSTEM = (
    *("var/log/", "var/lib/systemd/", "var/lib/mosquitto/", "var/cache/ldconfig/", "var/tmp/", "tmp/"),
    *("etc/.pwd.lock/", "etc/group-/", "etc/gshadow-/"),
)


def written(changes: Path, base: Path = Path("/")) -> dict[str, str]:
    """Path to kind, mode, owner and content of all in an overlay's folder of changes that is otherwise than in `base`.

    What was deleted is a `whiteout`.
    """
    found = {}
    for folder, folders, files in os.walk(changes):
        for name in (*folders, *files):
            path = Path(folder, name)
            inside = path.relative_to(changes)
            if f"{inside}/".startswith(_OF_THE_SYSTEM):
                continue
            described, below = _described(path), base / inside
            if not os.path.lexists(below) or described != _described(below):
                found[str(inside)] = described
    return found


def differences(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """One line each, in the order of the paths."""
    paths = sorted({*before, *after})
    return [f"{path}: {before.get(path)} -> {after.get(path)}" for path in paths if before.get(path) != after.get(path)]


def _described(path: Path) -> str:
    status = path.lstat()
    who = f"{stat.filemode(status.st_mode)} {status.st_uid}:{status.st_gid}"
    if stat.S_ISCHR(status.st_mode) and status.st_rdev == 0:
        return "whiteout"
    if stat.S_ISLNK(status.st_mode):
        return f"{who} {path.readlink()}"
    if stat.S_ISREG(status.st_mode):
        return f"{who} {hashlib.sha256(path.read_bytes()).hexdigest()[:16]}"
    return who
