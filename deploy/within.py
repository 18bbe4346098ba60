"""Paths of an image: a link on it to /data means the image's own /data, not ours."""

from __future__ import annotations

import errno
import os
from pathlib import Path

_MOST_LINKS = 40  # as the kernel has it


def within(root: Path, inside: Path) -> Path:
    """Where `inside`, like /etc/x, lies below `root`. Its last part may be a link itself, which is not followed.

    Raises OSError for links that lead in a circle.
    """
    waiting = list(reversed(inside.parts[1:]))
    reached: list[str] = []
    links = 0
    while waiting:
        part = waiting.pop()
        if part == "..":
            reached = reached[:-1]
            continue
        path = root.joinpath(*reached, part)
        if not waiting or not path.is_symlink():
            reached.append(part)
            continue
        links += 1
        if links > _MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(inside))
        target = path.readlink()
        if target.is_absolute():
            reached = []
        waiting += reversed([step for step in target.parts if step != "/"])
    return root.joinpath(*reached)
