"""Seconds of speech gathered into blocks: every pair of points counts once, however the calls overlap."""

from __future__ import annotations

from edge.clock import NS_PER_S
from edge.samples import Bools
from edge.sync.lagged import LaggedSums, around, swings
from edge.sync.signals import STEP_NS, Channels
from edge.sync.stack import Block

BLOCK_S = 4.0
LEAST_S = 0.5
"""Less speech has no curve worth looking at."""
_SETTLING_POINTS = 50
_LONGEST_S = 30.0


class Gathering:
    """The block that is growing. `heard_ns`: when speech went in for the last time."""

    def __init__(self) -> None:
        self.heard_ns: int | None = None
        self._now_ns: int | None = None
        self._begun_ns = 0
        self._sums: dict[int, LaggedSums] = {}

    def add(self, now_ns: int, mouths: dict[int, Channels], voice: Channels, speech: Bools) -> bool:
        """Take in what came since the last call, but for the newest half second, which may still change.

        Returns whether there was any speech, and a mouth.
        """
        end = len(voice) - _SETTLING_POINTS
        first = 0 if self._now_ns is None else max(0, end - (now_ns - self._now_ns) // STEP_NS)
        self._now_ns = now_ns
        if end <= first or not mouths:
            return False
        heard = swings(voice, around(speech)).until(end)
        if not heard.weight[first:].any():
            return False
        if not self._sums:
            self._begun_ns = now_ns
        for track, mouth in mouths.items():
            self._sums.setdefault(track, LaggedSums()).add(swings(mouth).until(end), heard, first)
        self.heard_ns = now_ns
        return True

    @property
    def block(self) -> Block | None:
        """What was gathered so far; None when that is too little."""
        curves = {track: (sums.curve, sums.seconds) for track, sums in self._sums.items() if sums.seconds >= LEAST_S}
        return Block((self._begun_ns + (self._now_ns or 0)) / 2 / NS_PER_S, curves) if curves else None

    @property
    def full(self) -> bool:
        """Whether it is time for the next block: enough speech, or so little that drift would blur it."""
        if not self._sums:
            return False
        most_s = max(sums.seconds for sums in self._sums.values())
        return most_s >= BLOCK_S or (self._now_ns or 0) - self._begun_ns >= _LONGEST_S * NS_PER_S

    def clear(self) -> None:
        """Begin the next block."""
        self._sums = {}
