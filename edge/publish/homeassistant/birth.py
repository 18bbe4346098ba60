"""When to announce again after Home Assistant said that it has started."""

from __future__ import annotations

import random
from collections.abc import Callable

LONGEST_DELAY_S = 5.0


class Birth:
    """One announcement some random moment after the last birth message: a house full of devices would talk at once."""

    def __init__(self, delay_s: Callable[[], float] = lambda: random.uniform(0.0, LONGEST_DELAY_S)) -> None:
        self._delay_s = delay_s
        self._due_s: float | None = None

    def heard(self, payload: bytes, now_s: float) -> None:
        """A message on the birth topic: `online` starts the wait (again), anything else ends it."""
        self._due_s = now_s + self._delay_s() if payload == b"online" else None

    def due(self, now_s: float) -> bool:
        """Whether it is time to announce; true once for each wait."""
        if self._due_s is None or now_s < self._due_s:
            return False
        self._due_s = None
        return True
