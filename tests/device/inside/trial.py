"""One trial: what a row of the table needs to be measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tests.bench.row import Row
from tests.device.inside.place import Place

Boot = Literal["first", "cut"]
"""The first boot, with a right clock; or the one after a power cut, with a battery clock that says 1970."""


@dataclass(frozen=True)
class Trial:
    """`before_cut` prepares in the first boot, as its last deed, what `run` looks at after the power cut."""

    run: Callable[[Place], Row]
    boot: Boot = "first"
    before_cut: Callable[[Place], None] | None = None
