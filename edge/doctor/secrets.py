"""The files of the broker's password and of this device's key."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from edge.board.tree import Tree
from edge.doctor.finding import Finding, Verdict, not_applicable, ok
from edge.doctor.fix import Fix
from edge.doctor.machine import Machine
from edge.doctor.unit_file import unit_settings
from edge.errors import EdgeError


class SecretsCheck:
    """Not everybody on this machine may read them."""

    name = "secrets"
    uses_packages = False

    def run(self, machine: Machine) -> Finding:
        """Look at their modes."""
        files = _files(machine)
        if not files:
            return not_applicable("no file holds a password or a key")
        bare = _bare(files)
        if bare:
            told = " and ".join(map(str, bare))
            remedy = f"Run chmod o-rwx {' '.join(map(str, bare))}."
            return Finding(Verdict.WARNING, f"everybody on this machine can read or write {told}", remedy)
        return ok(f"only their users may read {' and '.join(map(str, files))}")

    def fix(self, machine: Machine) -> Fix | None:
        """Take the rights of others away, from files that this user may change."""
        bare = _bare(_files(machine))
        if not bare:
            return None

        def close() -> None:
            left = [file for file in bare if not _close(file)]
            if left:
                told = " and ".join(map(str, left))
                raise EdgeError(f"{told} leads through a link to a file that may be somebody else's: name that file.")

        return Fix(f"take the rights of everybody from {' and '.join(map(str, bare))}", close)


def _close(path: Path) -> bool:
    """Whether it could be done to the very file that the path names.

    Not through a link, wherever in the path: another user may have laid it to a file that everybody has to read.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        facts = os.fstat(descriptor)
        is_itself = Path(f"/proc/self/fd/{descriptor}").readlink() == path.absolute()
        if not is_itself or not stat.S_ISREG(facts.st_mode) or facts.st_nlink > 1:
            return False
        os.fchmod(descriptor, stat.S_IMODE(facts.st_mode) & ~stat.S_IRWXO)
    finally:
        os.close(descriptor)
    return True


def _files(machine: Machine) -> list[Path]:
    mqtt = machine.settings.mqtt
    credentials = (unit_settings(Tree(machine.root)) or {}).get("LoadCredential", [])
    loaded = [machine.root / credential.partition(":")[2].lstrip("/") for credential in credentials]
    named = {file for file in (mqtt.password_file, mqtt.key_file, *loaded) if file is not None}
    return sorted(file for file in named if _is_file(file))


def _is_file(path: Path) -> bool:
    """Not where the folder above is closed to this user: nobody else may read the file either."""
    try:
        return path.is_file()
    except PermissionError:
        return False


def _bare(files: list[Path]) -> list[Path]:
    return [file for file in files if file.stat().st_mode & stat.S_IRWXO]
