"""The files of a folder and of the zips and tars in it, under one kind of path.

`FILE` or `ARCHIVE!MEMBER`; and `TABLE#ENTRY` for one of the many pictures that a table or sheet holds.
"""

from __future__ import annotations

import os
import re
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.errors import UsageError
from engines.datasets.fault import one_line

_ARCHIVE = re.compile(r"\.(zip|tar|tgz|tar\.gz|tar\.bz2|tar\.xz)$", re.IGNORECASE)
_MEMBER = re.compile(r"(.*?\.(?:zip|tar|tgz|tar\.gz|tar\.bz2|tar\.xz))!(.+)", re.IGNORECASE)
_ENTRY = re.compile(r"(.*\.(?:csv|webp))#([^#/]+)", re.IGNORECASE)
_POINTER_BYTES = 1024
_FAULTS = (
    OSError,
    KeyError,
    EOFError,
    RuntimeError,
    NotImplementedError,
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
)


class BadFile(Exception):  # noqa: N818 - the file is bad, nothing in the program is
    """One file of many cannot be used; the text is a sentence that says why. Never leaves a data set's reader."""


class Store:
    """Names and contents below one folder; or of one archive, when that is what is given. Close after use."""

    def __init__(self, root: Path) -> None:
        if not root.exists():
            raise UsageError(f"{str(root)!r} does not exist: name the folder or the archive of the data set.")
        self.folder = root.parent if root.is_file() else root
        self._root = root
        self.broken: dict[str, str] = {}
        """Folders that cannot be looked into, archives that cannot be read to their end, and why."""
        self._archives: dict[str, zipfile.ZipFile | tarfile.TarFile] = {}
        self._members: dict[str, dict[str, tarfile.TarInfo]] = {}

    def __enter__(self) -> Store:  # noqa: PYI034 - typing.Self is of Python 3.11
        return self

    def __exit__(self, *_: object) -> None:
        for archive in self._archives.values():
            archive.close()

    def names(self) -> Iterator[str]:
        """All files, the archives' members in their order and everything else by name; hidden files are left out."""
        for file in self._files():
            if _ARCHIVE.search(file):
                yield from (f"{file}!{member}" for member in self._list(file) if not _hidden(member))
            else:
                yield file

    def read(self, path: str) -> bytes:
        """The content of one file or member. Raises BadFile."""
        inside = _MEMBER.fullmatch(path)
        try:
            content = (self.folder / path).read_bytes() if inside is None else self._read_member(inside[1], inside[2])
        except _FAULTS as error:
            raise BadFile(f"It cannot be read: {one_line(error)}.") from None
        _refuse_pointer(content)
        return content

    @contextmanager
    def file(self, path: str) -> Iterator[Path]:
        """A file on the disk with that content, for programs that read nothing else. Raises BadFile."""
        if _MEMBER.fullmatch(path) is None:
            file = self.folder / path
            if not file.exists() or file.stat().st_size < _POINTER_BYTES:
                self.read(path)
            yield file
            return
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / ("copy" + Path(path).suffix)
            copy.write_bytes(self.read(path))
            yield copy

    def _files(self) -> Iterator[str]:
        if self._root.is_file():
            yield self._root.name
            return
        for folder, below, names in os.walk(self.folder, onerror=self._closed):
            below[:] = sorted(name for name in below if not name.startswith("."))
            for name in sorted(names):
                path = (Path(folder) / name).relative_to(self.folder).as_posix()
                if not path.isprintable():  # undecodable bytes of a name come as lone surrogates
                    self.broken[ascii(path)] = "Its name cannot be written into a table: rename it."
                elif not name.startswith("."):
                    yield path

    def _closed(self, error: OSError) -> None:
        folder = Path(os.path.relpath(error.filename, self.folder)).as_posix()
        self.broken[folder] = f"The folder cannot be looked into: {one_line(error)}."

    def _list(self, file: str) -> list[str]:
        try:
            archive = self._opened(file)
        except _FAULTS as error:
            self.broken[file] = f"The archive cannot be opened: {one_line(error)}."
            return []
        if isinstance(archive, zipfile.ZipFile):
            return [name for name in archive.namelist() if not name.endswith("/")]
        return list(self._members[file])

    def _opened(self, file: str) -> zipfile.ZipFile | tarfile.TarFile:
        if file not in self._archives:
            path = self.folder / file
            if file.lower().endswith(".zip"):
                self._archives[file] = zipfile.ZipFile(path)
            else:
                tar = tarfile.open(path)  # noqa: SIM115 - closed by __exit__
                self._archives[file], self._members[file] = tar, self._index(file, tar)
        return self._archives[file]

    def _index(self, file: str, tar: tarfile.TarFile) -> dict[str, tarfile.TarInfo]:
        members = {}
        try:
            for member in tar:
                if member.isfile():
                    members[member.name] = member
        except _FAULTS as error:
            self.broken[file] = f"The archive ends early: {one_line(error)}."
        return members

    def _read_member(self, file: str, member: str) -> bytes:
        archive = self._opened(file)
        if isinstance(archive, zipfile.ZipFile):
            return archive.read(member)
        stream = archive.extractfile(self._members[file][member])
        return b"" if stream is None else stream.read()


def _refuse_pointer(content: bytes) -> None:
    """CREMA-D and others come by Git LFS: without it each file is a note of three lines."""
    if len(content) < _POINTER_BYTES and content.startswith(b"version https://git-lfs"):
        raise BadFile("It is only a note of Git LFS that stands for the file: run `git lfs pull` in the data set.")


def within(path: str) -> str:
    """The path inside its archive; the whole path where it is in none."""
    inside = _MEMBER.fullmatch(path)
    return path if inside is None else inside[2]


def on_disk(path: str) -> str:
    """The file or archive that lies on the disk."""
    inside = _MEMBER.fullmatch(path)
    entry = entry_of(path)
    return inside[1] if inside is not None else entry[0] if entry is not None else path


def entry_of(path: str) -> tuple[str, str] | None:
    """Table or sheet and the name of one entry in it; None for a file of its own."""
    entry = _ENTRY.fullmatch(path)
    return None if entry is None else (entry[1], entry[2])


def _hidden(member: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in member.split("/"))
