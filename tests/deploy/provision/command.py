"""`edge-deploy` as the system's own Python runs it from the checkout, on an image."""

from __future__ import annotations

import hashlib
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import REPOSITORY
from tests.deploy.release.image import Image

SYSTEM_PYTHON = "/usr/bin/python3"
_OF_SHADOW = frozenset({"etc/.pwd.lock", "etc/group-", "etc/gshadow-"})
"""What groupadd leaves behind itself: its lock, and the files as they were before."""


@dataclass(frozen=True)
class Done:
    """`told` is standard output, `complaint` standard error."""

    status: int
    told: str
    complaint: str


def words(image: Image, command: str, *options: str | Path) -> list[str]:
    """The command line."""
    return [SYSTEM_PYTHON, "-m", "deploy.cli", command, "--root", str(image.root), *map(str, options)]


def environ() -> dict[str, str]:
    """Nothing of the tests' own Python, and no compiled files in the checkout."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1"}


def deploy(image: Image, command: str, *options: str | Path, before: tuple[str, ...] = ()) -> Done:
    """Run it to its end; `before` are words in front of it, like those that give up rights."""
    done = subprocess.run(
        [*before, *words(image, command, *options)],
        env=environ(),
        cwd="/",
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def tree(image: Image) -> dict[str, str]:
    """All that was written onto the disk of this machine since it is the image's: files, links, new folders, gaps."""
    upper = image.root.parent / "up"
    paths = {str(path.relative_to(upper)): path for path in upper.rglob("*")}
    found = {name: _content(path) for name, path in paths.items() if name not in _OF_SHADOW}
    return {name: content for name, content in found.items() if content != _content(Path("/", name))}


def _content(path: Path) -> str:
    if path.is_symlink():
        return f"-> {path.readlink()}"
    if path.is_file():
        return hashlib.sha256(path.read_bytes()).hexdigest()
    return "folder" if path.is_dir() else "deleted"
