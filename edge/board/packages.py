"""Debian packages that are installed, from dpkg's own file."""

from __future__ import annotations

import re

from edge.board.tree import Tree

_STATUS = "var/lib/dpkg/status"
_MOST_BYTES = 64 * 1024 * 1024
"""A full desktop has 5 MB."""
_INTERESTING = re.compile(
    r"^Package: (nvidia-l4t-core|nvidia-jetpack|cuda-toolkit-\d+-\d+|cuda-cudart-\d+-\d+|tensorrt|libnvinfer\d*"
    r"|python3-libnvinfer|libcudnn\d\S*)\s*$",
    re.MULTILINE,
)


def packages(tree: Tree) -> dict[str, str]:
    """Name to version of the packages that a board's facts come from; those that were removed are left out."""
    text = tree.text(_STATUS, _MOST_BYTES) or ""
    found = {}
    for match in _INTERESTING.finditer(text):
        end = text.find("\n\n", match.start())
        fields = text[match.start() : end if end >= 0 else len(text)]
        version = re.search(r"^Version: (\S+)$", fields, re.MULTILINE)
        if version and re.search(r"^Status: .* installed\s*$", fields, re.MULTILINE):
            found[match[1]] = version[1]
    return found


def upstream(version: str | None) -> str | None:
    """10.3.0.30 of 10.3.0.30-1+cuda12.5, 6.2.1 of 6.2.1+b38: what stands before the packager's part."""
    found = re.match(r"(?:\d+:)?(\d+(?:\.\d+)*)", version or "")
    return found[1] if found else None
