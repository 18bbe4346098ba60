"""What `doctor --fix` does to the folder of the engines."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

from edge.doctor.fix import Fix
from edge.errors import EdgeError

_PRUNE_S = 120.0
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def closed_to_others(folder: Path) -> Fix | None:
    """Engines are code: a folder that others may write is not used. None where it is closed, or somebody else's."""
    try:
        facts = folder.lstat()
    except OSError:
        return None
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid() or not facts.st_mode & _OTHERS_WRITE:
        return None
    mode = stat.S_IMODE(facts.st_mode) & ~_OTHERS_WRITE
    return Fix(f"let nobody but its owner write into {folder} (mode {mode:04o})", lambda: folder.chmod(mode))


def prune(folder: Path) -> None:
    """`edge-engines prune`, as a child: nothing of the device's code imports the workshop's. Raises EdgeError."""
    words = [sys.executable, "-m", "engines.cli", "prune", "--out", str(folder)]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=_PRUNE_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise EdgeError(f"edge-engines prune has not ended within {_PRUNE_S:.0f} s: run it by hand.") from error
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        raise EdgeError(f"edge-engines prune ended with {done.returncode}: {last}")
