"""Which board and which system on a chip, from the device tree."""

from __future__ import annotations

import re
from dataclasses import dataclass

from edge.board.tree import Tree, one_line

# /proc/device-tree is a link to the other. Both texts end in NUL; `compatible` is a list of texts, NUL after each, from
# the most special to the chip: "nvidia,p3768-0000+p3767-0005-super", "nvidia,p3767-0005", "nvidia,tegra234"; on
# JetPack 5 "nvidia,tegra23x" stands behind it.
_FOLDERS = ("proc/device-tree", "sys/firmware/devicetree/base")
_FAMILIES = {"tegra194": "Xavier", "tegra234": "Orin", "tegra264": "Thor"}
"""For people only; a chip that is not in it keeps its own name."""


@dataclass(frozen=True)
class Model:
    """`name` as the maker writes it, `module` like p3767-0005 (carrier board left out), `soc` like tegra234."""

    name: str | None = None
    module: str | None = None
    soc: str | None = None

    @property
    def is_tegra(self) -> bool:
        """Whether NVIDIA's Tegra is inside, whichever."""
        return self.soc is not None

    @property
    def family(self) -> str | None:
        """Orin for tegra234; the chip's own name where it is a newer one."""
        return _FAMILIES.get(self.soc, self.soc) if self.soc else None


def model(tree: Tree) -> Model:
    """What the device tree says; a PC has none."""
    name = compatible = None
    for folder in _FOLDERS:
        name = name or tree.text(f"{folder}/model")
        compatible = compatible or tree.text(f"{folder}/compatible")
    words = [word for word in (compatible or "").split("\0") if word.startswith("nvidia,")]
    chips = [found[1] for word in words if (found := re.fullmatch(r"nvidia,(tegra\d+)", word))]
    return Model(one_line(name or "") or None, _module(words), chips[-1] if chips else None)


def _module(words: list[str]) -> str | None:
    """p3767-0005 of nvidia,p3768-0000+p3767-0005-super, where the part behind the plus is the module."""
    for word in words:
        found = re.search(r"(?:\+|,)(p\d{4}-\d{4})(?!.*\+)", word)
        if found:
            return found[1]
    return None
