"""All facts of a board at one moment."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.board.clocks import Clocks, clocks
from edge.board.fan import Fan, fan
from edge.board.graphics import Graphics, graphics
from edge.board.libraries import cuda_version, cudnn_version, tensorrt_python_version, tensorrt_version
from edge.board.memory import Memory, memory
from edge.board.model import Model, model
from edge.board.packages import packages
from edge.board.power import power_mode
from edge.board.release import jetpack_release, l4t_release
from edge.board.tree import Tree


@dataclass(frozen=True)
class Board:
    """None for what cannot be read. `jetpack` ends in .x where it is only a hint; nothing here may gate anything.

    `tensorrt` is the Debian packages' version, `tensorrt_python` that of the module which this Python would import.
    """

    model: Model
    l4t: str | None
    jetpack: str | None
    cuda: str | None
    tensorrt: str | None
    tensorrt_python: str | None
    cudnn: str | None
    power_mode: str | None
    clocks: Clocks
    memory: Memory
    fan: Fan | None
    graphics: Graphics

    @property
    def is_jetson(self) -> bool:
        """Whether Jetson Linux runs here, or NVIDIA's Tegra is inside."""
        return self.l4t is not None or self.model.is_tegra

    @property
    def has_nvidia_gpu(self) -> bool:
        """Whether an NVIDIA GPU is here as far as files tell; whether it works, only CUDA says."""
        return self.is_jetson or bool(self.graphics.cards) or self.graphics.driver is not None

    @property
    def words(self) -> str:
        """One line for people: the board, its software, its power mode."""
        parts = [self.model.name or ("a Jetson" if self.is_jetson else "no Jetson")]
        parts += self.graphics.cards
        if self.graphics.driver and not self.is_jetson:
            parts.append(f"driver {self.graphics.driver}")
        named = {"L4T": self.l4t, "JetPack": self.jetpack, "CUDA": self.cuda, "TensorRT": self.tensorrt}
        parts += [f"{name} {value}" for name, value in named.items() if value]
        if self.power_mode:
            pinned = ", clocks pinned" if self.clocks.are_pinned else ""
            parts.append(f"power mode {self.power_mode}{pinned}")
        return ", ".join(parts)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return dataclasses.asdict(self)


def board(root: Path = Path("/")) -> Board:
    """Read everything below `root`. Never raises: a file that is damaged, huge or unreadable is as good as none."""
    tree = Tree(root)
    installed = packages(tree)
    l4t = l4t_release(tree, installed)
    return Board(
        model=model(tree),
        l4t=l4t,
        jetpack=jetpack_release(l4t, installed),
        cuda=cuda_version(tree, installed),
        tensorrt=tensorrt_version(installed),
        tensorrt_python=tensorrt_python_version(),
        cudnn=cudnn_version(installed),
        power_mode=power_mode(tree),
        clocks=clocks(tree),
        memory=memory(tree),
        fan=fan(tree),
        graphics=graphics(tree),
    )
