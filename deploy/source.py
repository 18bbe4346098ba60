"""What a release is installed from: a checkout of the project, its wheel, or its sdist."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edge.errors import UsageError

CHECKOUT_PARTS = ("setup.cfg", "pyproject.toml", "README.md", "LICENSE", "edge", "engines", "deploy", "systemd")
_NOT_SHIPPED = ("__pycache__", "*.pyc", "*.egg-info", "build")
_FILE_NAME = re.compile(
    r"edge[-_]emotion-(?P<version>\d[^-]*)(-[^-]+){3}\.whl|edge[-_]emotion-(?P<sdist>\d.*)\.tar\.gz"
)
_VERSION = re.compile(r'^__version__ = "([^"]+)"$', re.MULTILINE)


@dataclass(frozen=True)
class Source:
    """`path` is a checkout's folder or a file; `sha256` is of the file, or of all that a checkout installs."""

    path: Path
    version: str
    sha256: str

    @property
    def release(self) -> str:
        """The name of the release made of it: the same source gives the same name."""
        return f"{self.version}-{self.sha256[:8]}"

    def copy_into(self, folder: Path) -> Path:
        """A copy in `folder`, which must not exist: building in a checkout would leave files in it."""
        folder.mkdir(parents=True)
        if self.path.is_file():
            return Path(shutil.copy(self.path, folder))
        for part in CHECKOUT_PARTS:
            source = self.path / part
            if source.is_dir():
                shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns(*_NOT_SHIPPED))
            else:
                shutil.copy(source, folder)
        return folder


def read_source(path: Path) -> Source:
    """Look at `path`. Raises UsageError where it is not something that this project is installed from."""
    path = path.absolute()
    if path.is_dir():
        return _checkout(path)
    name = _FILE_NAME.fullmatch(path.name)
    if name and path.is_file():
        return Source(path, name["version"] or name["sdist"], hashlib.sha256(path.read_bytes()).hexdigest())
    raise UsageError(
        f"{path} is nothing to install from: name a checkout of edge-emotion, its wheel, or its sdist (.tar.gz)."
    )


def _checkout(folder: Path) -> Source:
    missing = [part for part in CHECKOUT_PARTS if not (folder / part).exists()]
    if missing:
        raise UsageError(
            f"The folder {folder} is no checkout of edge-emotion, it has no {missing[0]}: name one, or a wheel."
        )
    version = _VERSION.search((folder / "edge" / "__init__.py").read_text())
    if version is None:
        raise UsageError(f"{folder / 'edge' / '__init__.py'} tells no __version__: name a whole checkout.")
    digest = hashlib.sha256()
    for file in _files(folder):
        digest.update(f"{file.relative_to(folder)}\0{file.stat().st_size}\0".encode())
        digest.update(file.read_bytes())
    return Source(folder, version[1], digest.hexdigest())


def _files(folder: Path) -> Iterator[Path]:
    """All files that `Source.copy_into` copies, in an order that does not depend on the disk."""
    for part in CHECKOUT_PARTS:
        path = folder / part
        files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
        for file in files:
            inside = file.relative_to(folder)
            if not any(Path(step).match(pattern) for step in inside.parts[1:] for pattern in _NOT_SHIPPED):
                yield file
