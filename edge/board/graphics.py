"""NVIDIA's graphics driver and the cards that it drives, as on a PC."""

from __future__ import annotations

import re
from dataclasses import dataclass

from edge.board.tree import Tree, one_line

# "NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.86.15  Wed Jan 22 …", or "… Open Kernel Module for aarch64
# 540.4.0  Release Build …" as on JetPack 6 and 7; the compiler's version comes in the next line.
_DRIVER = re.compile(r"^NVRM version:.*?\s(\d+(?:\.\d+)+)\b", re.MULTILINE)


@dataclass(frozen=True)
class Graphics:
    """`driver` is the kernel module's version; `cards` the models of the GPUs on the PCI bus."""

    driver: str | None = None
    cards: tuple[str, ...] = ()


def graphics(tree: Tree) -> Graphics:
    """What the driver tells in /proc; nothing without it."""
    version = _DRIVER.search(tree.text("proc/driver/nvidia/version") or "")
    cards = []
    for path in tree.glob("proc/driver/nvidia/gpus/*/information"):
        found = re.search(r"^Model:\s*(\S.*?)\s*$", tree.text(path) or "", re.MULTILINE)
        if found:
            cards.append(one_line(found[1]))
    return Graphics(version[1] if version else None, tuple(cards))
