"""The folder for what outlives a restart: the privacy switch, the engines."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from edge.config import state_dir
from edge.config.paths import SYSTEM_STATE
from edge.doctor.finding import Finding, Verdict, ok
from edge.doctor.fix import Fix
from edge.doctor.machine import Machine


class StateFolderCheck:
    """It can be written, or made."""

    name = "state folder"
    uses_packages = False

    def run(self, machine: Machine) -> Finding:
        """Write a file without a name into it, or into the nearest folder above that exists."""
        folder = state_dir(machine.environ)
        there = nearest_folder(folder)
        try:
            with tempfile.TemporaryFile(dir=there) as file:
                file.write(b"doctor")
        except OSError as error:
            found = f"{folder} cannot be written ({error.strerror}), so no privacy switch and no engine is kept"
            remedy = f"Give this user the right to write into {there}, make room there, or set STATE_DIRECTORY."
            return Finding(Verdict.FAILED, found, remedy)
        return ok(f"{folder} can be written" if there == folder else f"{folder} is not there yet and can be made")

    def fix(self, machine: Machine) -> Fix | None:
        """Make it, or give its owner the right to write; what systemd makes for the service is left to it."""
        folder = state_dir(machine.environ)
        if not os.path.lexists(folder):
            if folder == SYSTEM_STATE:
                return None
            return Fix(f"make the folder {folder}", lambda: folder.mkdir(mode=0o700, parents=True, exist_ok=True))
        facts = folder.stat()
        if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid() or facts.st_mode & stat.S_IRWXU == 0o700:
            return None
        mode = stat.S_IMODE(facts.st_mode) | stat.S_IRWXU
        return Fix(f"let its owner write into {folder} (mode {mode:04o})", lambda: folder.chmod(mode))


def nearest_folder(folder: Path) -> Path:
    """The folder, or the nearest above that exists."""
    while not folder.exists():
        folder = folder.parent
    return folder
