"""The power mode that nvpmodel has set."""

from __future__ import annotations

import re

from edge.board.tree import Tree

# "pmode:0002", on some with " fmode:fan_mode_quiet" behind it.
_MODE = re.compile(r"\bpmode:\s*(\d{1,4})\b")
# "< POWER_MODEL ID=2 NAME=MODE_30W >". The number alone says nothing: 0 is MAXN on an AGX Orin, 15W on an Orin Nano
# Super. A line may be commented out.
_NAMED = re.compile(r"^\s*<\s*POWER_MODEL\s+ID\s*=\s*(\d+)\s+NAME\s*=\s*([!-=?-~]{1,80})\s*>", re.MULTILINE)
_DEFAULT = re.compile(r"^\s*<\s*PM_CONFIG\s+DEFAULT\s*=\s*(\d+)\s*>", re.MULTILINE)


def power_mode(tree: Tree) -> str | None:
    """MODE_30W; its number as text where no configuration names it; None where there is no nvpmodel."""
    configuration = _configuration(tree)
    found = _MODE.search(tree.text("var/lib/nvpmodel/status") or "") or _DEFAULT.search(configuration)
    if found is None:
        return None
    number = int(found[1])
    return _names(configuration).get(number, str(number))


def power_modes(tree: Tree) -> dict[int, str]:
    """All that this board's configuration names, by their numbers."""
    return _names(_configuration(tree))


def _names(configuration: str) -> dict[int, str]:
    return {int(place): name for place, name in _NAMED.findall(configuration)}


def _configuration(tree: Tree) -> str:
    """/etc/nvpmodel.conf is a link to the board's own file; with the link gone, the only file there is taken."""
    text = tree.text("etc/nvpmodel.conf")
    if text is None:
        several = list(tree.glob("etc/nvpmodel/*.conf"))
        text = tree.text(several[0]) if len(several) == 1 else None
    return text or ""
