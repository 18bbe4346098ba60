"""Which release of Jetson Linux (L4T), and of JetPack."""

from __future__ import annotations

import re
from collections.abc import Mapping

from edge.board.packages import upstream
from edge.board.tree import Tree

# "# R36 (release), REVISION: 4.3, GCID: 38968081, BOARD: generic, EABI: aarch64, DATE: Wed Jan  8 01:49:37 UTC 2025";
# the same on R32, R35, R38 and R39. Some lack all but release and revision, some write R36.4.3.
_SPELLINGS = (
    re.compile(r"\bR(\d{2,3})\b(?:\s*\([^)]*\))?[\s,]*REVISION\s*[:=]?\s*(\d+(?:\.\d+)*)", re.IGNORECASE),
    re.compile(r"\bR(\d{2,3})\.(\d+(?:\.\d+)*)", re.IGNORECASE),
)
_JETPACK_OF = {"32": "4.x", "34": "5.x", "35": "5.x", "36": "6.x", "38": "7.x", "39": "7.x"}


def l4t_release(tree: Tree, packages: Mapping[str, str]) -> str | None:
    """36.4.3, from the release file or else from the package nvidia-l4t-core; None on anything but a Jetson."""
    text = tree.text("etc/nv_tegra_release") or ""
    for spelling in _SPELLINGS:
        found = spelling.search(text)
        if found:
            return f"{found[1]}.{found[2]}"
    return upstream(packages.get("nvidia-l4t-core"))


def jetpack_release(l4t: str | None, packages: Mapping[str, str]) -> str | None:
    """6.2.1 where the package nvidia-jetpack is installed. Else a hint that ends in x, like 6.x, by L4T's number.

    None for an L4T that is newer than this table: nothing may depend on it.
    """
    return upstream(packages.get("nvidia-jetpack")) or _JETPACK_OF.get((l4t or "").split(".")[0])
