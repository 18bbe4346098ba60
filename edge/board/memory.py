"""How much memory the machine has, and what it swaps to."""

from __future__ import annotations

import re
from dataclasses import dataclass

from edge.board.tree import Tree


@dataclass(frozen=True)
class Memory:
    """In MB (10⁶ bytes); on a Jetson the GPU lives in the same memory. `zram_mb` is the part of `swap_mb` in memory."""

    total_mb: int | None = None
    swap_mb: int | None = None
    zram_mb: int | None = None


def memory(tree: Tree) -> Memory:
    """What the kernel tells of it."""
    fields = dict(re.findall(r"^(\w+):\s+(\d{1,15}) kB", tree.text("proc/meminfo") or "", re.MULTILINE))
    zram_mb = None
    table = tree.text("proc/swaps")
    if table is not None:
        kib = (int(size) for size in re.findall(r"^/dev/zram\d+\s+\S+\s+(\d{1,15})", table, re.MULTILINE))
        zram_mb = _mb(sum(kib))
    return Memory(
        _mb(int(fields["MemTotal"])) if "MemTotal" in fields else None,
        _mb(int(fields["SwapTotal"])) if "SwapTotal" in fields else None,
        zram_mb,
    )


def _mb(kib: int) -> int:
    return round(kib * 1024 / 1e6)
