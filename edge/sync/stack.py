"""Correlation curves of many pieces of speech, stacked along every drift that clocks may have."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.sync.lagged import LAG_COUNT, MOST_LAG
from edge.sync.signals import SIGNAL_RATE_HZ, Signal

Grid = NDArray[np.float64]
"""(len(DRIFTS_PPM), len(LAGS_MS))"""

POINT_MS = 1000.0 / SIGNAL_RATE_HZ
LAGS_MS = (np.arange(2 * LAG_COUNT - 1) / 2 - MOST_LAG) * POINT_MS
DRIFTS_PPM = np.arange(-300.0, 301.0, 25.0)
MOST_BLOCKS = 48
MOST_AGE_S = 1200.0
_RESTACK_S = 30.0


@dataclass(frozen=True)
class Block:
    """A few seconds of speech: its middle, and each face's curve (LAG_COUNT,) with the seconds behind it."""

    middle_s: float
    curves: dict[int, tuple[Signal, float]]


class Stack:
    """The blocks so far. Its lags are those at the moment `at_s`; drifts run from there."""

    def __init__(self) -> None:
        self._blocks: deque[Block] = deque()
        self._sums: dict[int, tuple[Grid, float]] = {}
        self.at_s: float | None = None

    def __len__(self) -> int:
        return len(self._blocks)

    def add(self, block: Block) -> None:
        """One more block, the newest."""
        self._blocks.append(block)
        if self.at_s is not None and block.middle_s - self.at_s < _RESTACK_S:
            self._sums = self._with(self._sums, block)
        else:
            self._restack()

    def newest(self, count: int) -> Stack:
        """A stack of the newest blocks only."""
        out = Stack()
        out._blocks.extend(list(self._blocks)[-count:])
        out._restack()
        return out

    def faces(self, unfinished: Block | None = None) -> list[tuple[Grid, float]]:
        """Each face's correlation at each drift and lag, with the seconds of speech behind it."""
        if self.at_s is None and unfinished is not None:
            self.at_s = unfinished.middle_s
        sums = self._sums if unfinished is None else self._with(self._sums, unfinished)
        return [(total / seconds, seconds) for total, seconds in sums.values()]

    def _restack(self) -> None:
        """All anew, as seen from the newest block, without what is too old."""
        self._sums, self.at_s = {}, self._blocks[-1].middle_s
        while len(self._blocks) > MOST_BLOCKS or self._blocks[0].middle_s < self.at_s - MOST_AGE_S:
            self._blocks.popleft()
        for block in self._blocks:
            self._sums = self._with(self._sums, block)

    def _with(self, sums: dict[int, tuple[Grid, float]], block: Block) -> dict[int, tuple[Grid, float]]:
        """The weighted sums of each face's curves with one block more."""
        out = dict(sums)
        ahead_s = block.middle_s - (self.at_s or 0.0)
        for track, (curve, seconds) in block.curves.items():
            total, weight = out.get(track, (np.zeros(1), 0.0))
            out[track] = (total + seconds * sheared(curve, ahead_s), weight + seconds)
        return out


def sheared(curve: Signal, ahead_s: float) -> Grid:
    """A curve of `ahead_s` later (or before) as each drift would have it now, at LAGS_MS; 0 beyond its ends."""
    at = (LAGS_MS[None, :] + DRIFTS_PPM[:, None] * ahead_s * 1e-3) / POINT_MS + MOST_LAG
    inside = (at >= 0) & (at <= LAG_COUNT - 1)
    left = np.clip(at.astype(np.int64), 0, LAG_COUNT - 2)
    share = at - left
    return np.where(inside, (1 - share) * curve[left] + share * curve[left + 1], 0.0)
