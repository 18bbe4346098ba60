"""A tree of files below some root, read without ever raising: facts may be missing, damaged or not for us."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

SMALL_BYTES = 64 * 1024
"""More than any file of the kernel's that is read here; a longer one is not what it should be."""
_MOST_LINKS = 16
_MOST_LETTERS = 120


class Tree:
    """Paths are relative to `root`; absolute links lead into the same root, as they do for who lives there."""

    def __init__(self, root: Path = Path("/")) -> None:
        self.root = root

    def text(self, path: str | Path, most_bytes: int = SMALL_BYTES) -> str | None:
        """The file's text without NUL and blanks around it; None when it is absent, unreadable, empty or longer.

        Anything but a regular file, like a pipe, is not waited for.
        """
        try:
            descriptor = os.open(self._resolved(path), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except (OSError, ValueError):
            return None
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return None
            data = _read(descriptor, most_bytes + 1)
        except OSError:
            return None
        finally:
            os.close(descriptor)
        if len(data) > most_bytes:
            return None
        return data.decode("utf-8", "replace").strip("\0 \t\r\n") or None

    def number(self, path: str | Path) -> int | None:
        """The whole number in the file, decimal; None when there is none."""
        text = self.text(path)
        digits = (text or "").removeprefix("-")
        return int(text or "") if digits.isascii() and digits.isdigit() and len(digits) < 20 else None

    def glob(self, pattern: str) -> Iterator[str]:
        """Paths that exist, relative to the root, sorted."""
        try:
            yield from sorted(str(path.relative_to(self.root)) for path in self.root.glob(pattern))
        except OSError:
            return

    def exists(self, path: str | Path) -> bool:
        """Whether something lies there."""
        try:
            return self._resolved(path).exists()
        except (OSError, ValueError):
            return False

    def _resolved(self, path: str | Path) -> Path:
        """Below another root absolute links are followed by hand: the system would leave the tree. Raises OSError."""
        whole = self.root / path
        if self.root == Path("/"):
            return whole
        place, parts, links = self.root, list(Path(path).parts), 0
        while parts:
            place = place / parts.pop(0)
            if not place.is_symlink():
                continue
            links += 1
            if links > _MOST_LINKS:
                raise OSError(f"{whole} is a loop of links")
            target = place.readlink()
            parts = [*(target.parts[1:] if target.is_absolute() else target.parts), *parts]
            place = self.root if target.is_absolute() else place.parent
        return place


def one_line(text: str) -> str:
    """What can be printed of `text`, with single blanks, and not too much of it."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:_MOST_LETTERS]


def _read(descriptor: int, most_bytes: int) -> bytes:
    """Up to `most_bytes`; the kernel gives its files piece by piece."""
    data = b""
    while len(data) < most_bytes:
        piece = os.read(descriptor, most_bytes - len(data))
        if not piece:
            break
        data += piece
    return data
