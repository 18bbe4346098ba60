"""The guest's disk: a Debian made once by mmdebstrap, kept under the user's cache until its recipe changes."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edge.errors import EdgeError
from tests.device.pip_settings import certificates, pip_conf
from tests.device.recipe import FURNISH, KEY, PACKAGES, RELEASE, SET_UP, key, mirrors

SIZE = "6G"
"""Of the disk's file, which is sparse: a third of it is in use."""
PROGRAMS = ("mmdebstrap", "qemu-img", "mkfs.ext4", "fakeroot", "tar")


@dataclass(frozen=True)
class Image:
    """A folder with a raw ext4 disk, and its kernel for a direct boot."""

    folder: Path

    @property
    def disk(self) -> Path:
        return self.folder / "root.img"

    @property
    def kernel(self) -> Path:
        return self.folder / "vmlinuz"

    @property
    def initrd(self) -> Path:
        return self.folder / "initrd.img"


def cache() -> Path:
    """Where disks are kept."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "edge-emotion-tests" / "device"


def image(repository: Path, tell: Callable[[str], None], folder: Path | None = None) -> Image:
    """The disk for this state of the project, made when it is not there: minutes. Raises EdgeError."""
    folder = folder or cache()
    wanted = Image(folder / key(repository))
    if wanted.folder.is_dir():
        return wanted
    for program in PROGRAMS:
        if shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") is None:
            raise EdgeError(f"The guest's disk needs {program}, which is not here: make device-bench installs it.")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix="new-") as workplace:
        _build(repository, Path(workplace), tell)
        made = Path(workplace) / "made"
        with contextlib.suppress(OSError):  # another run made it meanwhile
            made.rename(wanted.folder)
        for old in folder.iterdir():
            if re.fullmatch(KEY, old.name) and old != wanted.folder:
                shutil.rmtree(old, ignore_errors=True)
    return wanted


def debian_command(larder: Path, archive: Path) -> list[str]:
    """mmdebstrap's words: a small Debian into `archive`, furnished from `larder`."""
    return [
        "mmdebstrap",
        "--variant=apt",
        f"--include={','.join(PACKAGES)}",
        '--aptopt=Apt::Install-Recommends "0"',
        f'--customize-hook=sh {FURNISH} "$1" {larder}',
        RELEASE,
        str(archive),
        *mirrors(),
    ]


def _build(repository: Path, workplace: Path, tell: Callable[[str], None]) -> None:
    larder, made, archive = workplace / "larder", workplace / "made", workplace / "root.tar"
    for name in SET_UP:
        path = larder / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(repository / name, path)
    (larder / "pip.conf").write_text(pip_conf(), encoding="utf-8")
    shutil.copy2(certificates(), larder / "ca.crt")
    workplace.chmod(0o755)  # mmdebstrap may work as another user
    _run(debian_command(larder, archive), tell)
    tell("a disk of it")
    made.mkdir()
    script = """
        mkdir tree && tar -xf root.tar -C tree --exclude='./dev/*' && rm root.tar
        cp tree/boot/vmlinuz-* made/vmlinuz && cp tree/boot/initrd.img-* made/initrd.img
        truncate -s "$1" made/root.img && PATH=$PATH:/usr/sbin:/sbin mkfs.ext4 -q -F -d tree made/root.img
    """
    # Under fakeroot an ordinary user's files become root's on the disk.
    _run(["fakeroot", "--", "sh", "-euc", script, "sh", SIZE], tell, workplace)


def _run(command: list[str], tell: Callable[[str], None], folder: Path | None = None) -> None:
    """Tells every line that is said; raises EdgeError with the last ones when it fails."""
    last: list[str] = []
    with subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as child:
        assert child.stdout is not None
        for line in child.stdout:
            last = [*last[-9:], line.rstrip()]
            tell(line.strip().removeprefix("I: "))
    if child.returncode:
        raise EdgeError(f"{command[0]} failed ({child.returncode}): " + " | ".join(last))
