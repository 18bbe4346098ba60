"""Room on the disks that the service writes to."""

from __future__ import annotations

import os

from edge.config import state_dir
from edge.doctor.finding import Finding, Verdict, not_applicable, ok
from edge.doctor.machine import Machine
from edge.doctor.state_folder import nearest_folder

_STATE_MB = 300
"""Two engines, the next two beside them while they are built, and the compiler's timing cache."""
_RELEASES_MB = 1500
"""An upgrade is made beside the release in force: 0.8 GB, and as much again passes through pip's hands."""
_RELEASES = "opt/edge-emotion"
_FEWEST_FILES = 10_000
"""A release has as many; a small card may run out of inodes before it runs out of bytes."""
_ROOM = "Make room: sudo apt-get clean, sudo journalctl --vacuum-size=200M, edge-engines prune."


class DiskCheck:
    """There is room for engines, and for an upgrade where releases are kept."""

    name = "disk"
    uses_packages = False

    def run(self, machine: Machine) -> Finding:
        """Ask the file systems."""
        wanted = {nearest_folder(state_dir(machine.environ)): ("engines", _STATE_MB)}
        if (machine.root / _RELEASES).is_dir():
            wanted[machine.root / _RELEASES] = ("an upgrade", _RELEASES_MB)
        told = []
        for folder, (purpose, least_mb) in wanted.items():
            try:
                facts = os.statvfs(folder)
            except OSError as error:
                return not_applicable(f"{folder} cannot be asked for its room ({error.strerror})")
            free_mb = facts.f_bavail * facts.f_frsize / 1e6
            if free_mb < least_mb:
                found = f"{folder} has {free_mb:.0f} MB free; {purpose} may need {least_mb}"
                return Finding(Verdict.WARNING, found, _ROOM)
            if facts.f_files and facts.f_favail < _FEWEST_FILES:
                found = f"{folder} takes {facts.f_favail} more files; {purpose} may need {_FEWEST_FILES}"
                return Finding(Verdict.WARNING, found, "Remove folders of many small files: df -i tells which disk.")
            told.append(f"{free_mb / 1000:.1f} GB free in {folder}")
        return ok(", ".join(told))
