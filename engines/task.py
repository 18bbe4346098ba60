"""What a stage brings to the training loop, and what it gets back: see engines.loop."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

Network = TypeVar("Network", bound=nn.Module)
Batch = tuple[Tensor, ...]


class Task(Protocol[Network]):
    """What one stage trains, on what, and how it is judged."""

    @property
    def network(self) -> Network:
        """All that is trained; parts that stay fixed are left out of it or out of `groups`."""

    def groups(self) -> list[dict[str, Any]]:
        """AdamW's parameter groups, each with `params`, `lr` and, where it differs, `weight_decay`."""

    def batch(self, step: int, random: np.random.Generator) -> Batch:
        """Tensors of one step, on the CPU. It may run in another thread, steps ahead: no state, no global random."""

    def loss(self, batch: Batch) -> Tensor:
        """A scalar to make small; `batch` lies on the network's device."""

    def judge(self, network: Network) -> dict[str, Any]:
        """Figures of `network` on validation people, `uar` among them; it is in the state of use, without gradients."""


@dataclass(frozen=True)
class Run:
    """Where the training happens; nothing here changes its result."""

    folder: Path
    name: str
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    every_s: float = 60.0
    """Seconds between checkpoints."""
    every_steps: int = 0
    """Steps between checkpoints, beside those by seconds; 0 goes by seconds alone."""
    workers: int = 0
    """Threads that make batches ahead; worth it where the device is faster than the augmentation."""


@dataclass(frozen=True)
class Outcome:
    """How it went."""

    steps: int
    seconds: float
    figures: dict[str, Any]
    """The judgement of the weights that are the result."""
