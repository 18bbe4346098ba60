"""What every step is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from deploy.host import Host
from deploy.receipt import Receipt
from deploy.wishes import Wishes


def _silent(_fraction: float, _words: str) -> None:
    """Nobody looks."""


@dataclass
class Site:
    """The machine, what was asked for, what was changed; `progress(0…1, words)` tells how far a step is."""

    host: Host
    wishes: Wishes
    receipt: Receipt
    progress: Callable[[float, str], None] = field(default=_silent)
