"""Hysteresis over the board's temperature: how much to ease the work until it cools."""

from __future__ import annotations

import math
from collections import deque

import numpy as np

from edge.clock import NS_PER_S
from edge.thermal import MARGIN_C, Heat

HOT_FOR_NS = 10 * NS_PER_S
COOL_FOR_NS = 30 * NS_PER_S
COOL_BELOW_C = 5.0
RISE_C = 1.0
MOST_LEVEL = 2
_READINGS = 5
"""One reading that is off, as sensors give them, is outvoted."""


class HeatLevel:
    """0, 1 or 2. Step it about once a second with the worst zone.

    At or above the limit for HOT_FOR_NS: 1. So much longer, and RISE_C hotter than then, or where the kernel slows the
    board down itself: 2. COOL_BELOW_C below the limit for COOL_FOR_NS: one level back.
    """

    def __init__(self) -> None:
        self.level = 0
        self._excess_c: deque[float] = deque(maxlen=_READINGS)
        self._hot_since_ns: int | None = None
        self._cool_since_ns: int | None = None
        self._began_c = 0.0

    def step(self, now_ns: int, heat: Heat | None) -> int:
        """The level now. Without a zone (None) nothing says that it is hot."""
        self._excess_c.append(-math.inf if heat is None else heat.excess_c)
        excess_c = float(np.quantile(self._excess_c, 0.5, method="lower"))
        self._hot_since_ns = _since(self._hot_since_ns, excess_c >= 0, now_ns)
        self._cool_since_ns = _since(self._cool_since_ns, excess_c < -COOL_BELOW_C, now_ns)
        if self._hot_since_ns is not None and now_ns - self._hot_since_ns >= HOT_FOR_NS:
            self._ease(now_ns, excess_c)
        elif self._cool_since_ns is not None and now_ns - self._cool_since_ns >= COOL_FOR_NS:
            self.level = max(0, self.level - 1)
            self._cool_since_ns = now_ns
        return self.level

    def _ease(self, now_ns: int, excess_c: float) -> None:
        rises = excess_c >= min(self._began_c + RISE_C, MARGIN_C)
        if self.level == 0 or (self.level < MOST_LEVEL and rises):
            self.level += 1
            self._hot_since_ns = now_ns
            self._began_c = excess_c


def _since(since_ns: int | None, is_so: bool, now_ns: int) -> int | None:
    """Since when something is so without a break; None while it is not."""
    if not is_so:
        return None
    return now_ns if since_ns is None else since_ns
