"""The folder of the plans, held by one descriptor: who may have written there is asked before anything is read."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import time
from collections.abc import Iterator
from pathlib import Path

_FLAGS = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK  # a FIFO must not be waited for
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_DRAFT = ".draft-"
_STALE_S = 3600.0


class DistrustError(Exception):
    """Somebody else could have written this; the words follow the file's name."""


class PlanFolder:
    """Names are relative to the folder's own descriptor: what is put in its place meanwhile is not looked at.

    The folder itself and the files in it must be ours or root's, and nobody else's to write, and no links.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    @classmethod
    @contextlib.contextmanager
    def opened(cls, path: Path) -> Iterator[PlanFolder]:
        """Raises OSError (FileNotFoundError: there is none) and DistrustError."""
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | _FLAGS)
        try:
            _trust(os.fstat(descriptor))
            yield cls(path, descriptor)
        finally:
            os.close(descriptor)

    def read(self, name: str, most_bytes: int) -> bytes:
        """A whole file. Raises OSError and DistrustError."""
        descriptor = os.open(name, os.O_RDONLY | _FLAGS, dir_fd=self._descriptor)
        with os.fdopen(descriptor, "rb") as file:
            facts = os.fstat(descriptor)
            if not stat.S_ISREG(facts.st_mode):
                raise DistrustError("is no ordinary file")
            if facts.st_nlink != 1:
                raise DistrustError("has a second name, a hard link")
            _trust(facts)
            if facts.st_size > most_bytes:
                raise DistrustError(f"has {facts.st_size} bytes, {most_bytes} are read at most")
            data = file.read(most_bytes + 1)
            if len(data) > most_bytes:
                raise DistrustError("grows while it is read")
            return data

    def write(self, name: str, data: bytes) -> None:
        """Whole or not at all, and on the disk when this returns. Raises OSError."""
        draft = f"{_DRAFT}{secrets.token_hex(8)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS, 0o600, dir_fd=self._descriptor)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(descriptor)
            os.rename(draft, name, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(draft, dir_fd=self._descriptor)
            raise
        os.fsync(self._descriptor)

    def remove(self, name: str) -> None:
        """Raises OSError."""
        os.unlink(name, dir_fd=self._descriptor)

    def names(self) -> dict[str, int]:
        """Everything that lies here but folders: its name and size in bytes."""
        found = {}
        for name in sorted(os.listdir(self._descriptor)):  # noqa: PTH208  (of a descriptor)
            with contextlib.suppress(OSError):
                facts = os.stat(name, dir_fd=self._descriptor, follow_symlinks=False)
                if not stat.S_ISDIR(facts.st_mode):
                    found[name] = facts.st_size
        return found

    def leftovers(self) -> list[str]:
        """What writers left that did not live to the end; drafts of the last hour may have a writer yet."""
        oldest = time.time() - _STALE_S
        found = []
        for name in self.names():
            with contextlib.suppress(OSError):
                if name.startswith(_DRAFT) and self._written(name) < oldest:
                    found.append(name)
        return found

    def _written(self, name: str) -> float:
        return os.stat(name, dir_fd=self._descriptor, follow_symlinks=False).st_mtime


def _trust(facts: os.stat_result) -> None:
    if facts.st_uid not in {os.geteuid(), 0}:
        raise DistrustError(f"belongs to user {facts.st_uid}, not to this one ({os.geteuid()}) or root")
    if facts.st_mode & _OTHERS_WRITE:
        raise DistrustError(f"can be written by others (mode {stat.S_IMODE(facts.st_mode):04o})")
