"""The one fake of the boot tests: the stage of faces blocks while HOLD names this process; at `crash` it aborts."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edge.stage import Stage

HOLD = Path("/run/hold-process")
STAGE = "faces"

if HOLD.exists() and HOLD.read_text() == "crash":
    os.abort()

_init = Stage.__init__


def _held(step: Callable[[], None]) -> Callable[[], None]:
    def stuck_in_the_test() -> None:
        while HOLD.exists() and HOLD.read_text() == str(os.getpid()):
            time.sleep(0.05)
        step()

    return stuck_in_the_test


def _init_held(self: Stage, name: str, step: Callable[[], None], *others: Any, **named: Any) -> None:
    _init(self, name, _held(step) if name == STAGE else step, *others, **named)


Stage.__init__ = _init_held  # type: ignore[method-assign]
