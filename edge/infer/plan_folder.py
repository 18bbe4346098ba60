"""The folder of the plans, held by one descriptor: who may have written there is asked before anything is read."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import stat
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

_FLAGS = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK  # a FIFO must not be waited for
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_DRAFT = ".draft-"
STALE_S = 3600.0
LOCK_S = 2.0
_LOCK_POLL_S = 0.01


class DistrustError(Exception):
    """Somebody else could have written this; the words follow the file's name."""


class PlanFolder:
    """Names are relative to the folder's own descriptor: what is put in its place meanwhile is not looked at.

    The folder itself and the files in it must belong to `owners`, be nobody else's to write, and be no links.
    """

    def __init__(self, descriptor: int, owners: frozenset[int]) -> None:
        self._descriptor = descriptor
        self._owners = owners

    @classmethod
    @contextlib.contextmanager
    def opened(cls, path: Path, *, any_owner: bool = False) -> Iterator[PlanFolder]:
        """Trust this user and root; with `any_owner` also the folder's own. That will do to look at, not to run.

        Raises OSError (FileNotFoundError: there is none) and DistrustError.
        """
        if path.is_symlink():  # O_NOFOLLOW would say "not a directory"
            raise DistrustError("is a symbolic link")
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | _FLAGS)
        try:
            facts = os.fstat(descriptor)
            owners = frozenset({os.geteuid(), 0, *([facts.st_uid] if any_owner else [])})
            _trust(facts, owners)
            yield cls(descriptor, owners)
        finally:
            os.close(descriptor)

    @contextlib.contextmanager
    def locked(self, *, shared: bool = False) -> Iterator[None]:
        """No other writer within the block, so that a pair of files stays one.

        Not waited for longer than LOCK_S: whoever may open the folder could hold its lock. Pairs are hashed anyway.
        """
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        deadline = time.monotonic() + LOCK_S
        while time.monotonic() < deadline:
            try:
                fcntl.flock(self._descriptor, kind | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(_LOCK_POLL_S)
            except OSError:  # a file system without locks
                break
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def read(self, name: str, most_bytes: int) -> bytes:
        """A whole file. Raises OSError and DistrustError."""
        try:
            descriptor = os.open(name, os.O_RDONLY | os.O_NOCTTY | _FLAGS, dir_fd=self._descriptor)
        except OSError as error:
            if self._is_link(name):
                raise DistrustError("is a symbolic link") from error
            raise
        try:
            facts = os.fstat(descriptor)
            if not stat.S_ISREG(facts.st_mode):
                raise DistrustError("is no ordinary file")
            if facts.st_nlink != 1:
                raise DistrustError(f"has {facts.st_nlink} names (hard links)")
            _trust(facts, self._owners)
            if facts.st_size > most_bytes:
                raise DistrustError(f"has {facts.st_size} bytes, {most_bytes} are right")
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                data = file.read(facts.st_size + 1)
            if len(data) != facts.st_size:
                raise DistrustError("changes while it is read")
            return data
        finally:
            os.close(descriptor)

    def write(self, files: Mapping[str, bytes]) -> None:
        """All of them or none, in this order, and on the disk when this returns. Raises OSError.

        A crash in between leaves the first ones new and the last ones old.
        """
        drafts: dict[str, str] = {}
        try:
            for name, data in files.items():
                drafts[name] = self._draft(data)
            with self.locked():
                for name, draft in list(drafts.items()):
                    self._put(draft, name)
                    del drafts[name]
                os.fsync(self._descriptor)
        finally:
            for draft in drafts.values():
                with contextlib.suppress(OSError):
                    self.remove(draft)

    def remove(self, name: str) -> None:
        """A file, a link, or an empty folder: what lies in another one is none of ours. Raises OSError."""
        if stat.S_ISDIR(self._stat(name).st_mode):
            os.rmdir(name, dir_fd=self._descriptor)
        else:
            os.unlink(name, dir_fd=self._descriptor)

    def names(self) -> dict[str, int]:
        """All but folders: name and size in bytes, 0 for what is no ordinary file."""
        found = {}
        for name in sorted(os.listdir(self._descriptor)):  # noqa: PTH208  (of a descriptor)
            with contextlib.suppress(OSError):
                facts = self._stat(name)
                if not stat.S_ISDIR(facts.st_mode):
                    found[name] = facts.st_size if stat.S_ISREG(facts.st_mode) else 0
        return found

    def leftovers(self, older_s: float = STALE_S) -> list[str]:
        """What writers left that did not live to the end; a young draft may have a writer yet."""
        oldest = time.time() - older_s
        found = []
        for name in self.names():
            with contextlib.suppress(OSError):
                if name.startswith(_DRAFT) and self._stat(name).st_mtime < oldest:
                    found.append(name)
        return found

    def check_writable(self) -> None:
        """Raises OSError where `write` would."""
        self.remove(self._draft(b""))

    def _draft(self, data: bytes) -> str:
        name = f"{_DRAFT}{secrets.token_hex(8)}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS
        descriptor = os.open(name, flags, 0o600, dir_fd=self._descriptor)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                give_away(descriptor, os.fstat(self._descriptor))
                os.fsync(descriptor)
        except BaseException:
            with contextlib.suppress(OSError):
                self.remove(name)
            raise
        return name

    def _put(self, draft: str, name: str) -> None:
        try:
            os.rename(draft, name, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)
        except IsADirectoryError:  # under the very name of a plan, its hash included
            shutil.rmtree(f"/proc/self/fd/{self._descriptor}/{name}")  # dir_fd came with Python 3.11
            os.rename(draft, name, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)

    def _is_link(self, name: str) -> bool:
        try:
            return stat.S_ISLNK(self._stat(name).st_mode)
        except OSError:
            return False

    def _stat(self, name: str) -> os.stat_result:
        return os.stat(name, dir_fd=self._descriptor, follow_symlinks=False)


def make_folder(path: Path) -> None:
    """The folder, ours alone, if there is none. What root makes is for the service, which owns the folder above.

    Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | _FLAGS)
        try:
            give_away(descriptor, path.parent.stat())
        finally:
            os.close(descriptor)


def give_away(descriptor: int, above: os.stat_result) -> None:
    """Root's work, done for the service, belongs to whom the folder `above` belongs to. Raises OSError."""
    if os.geteuid() == 0 and above.st_uid != 0:
        os.fchown(descriptor, above.st_uid, above.st_gid)


def _trust(facts: os.stat_result, owners: frozenset[int]) -> None:
    if facts.st_uid not in owners:
        raise DistrustError(f"belongs to user {facts.st_uid}, not to this one ({os.geteuid()}) or root")
    if facts.st_mode & _OTHERS_WRITE:
        raise DistrustError(f"can be written by others (mode {stat.S_IMODE(facts.st_mode):04o})")
