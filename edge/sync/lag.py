"""The lag between the devices and its drift: evidence gathered over minutes of speech."""

from __future__ import annotations

import math
from typing import Literal

from edge.clock import NS_PER_S
from edge.samples import Bools
from edge.sync.applied import AppliedLag
from edge.sync.lag_belief import LagBelief, believe
from edge.sync.lagged import LaggedSums, around, swings
from edge.sync.signals import STEP_NS, Channels
from edge.sync.stack import Block, Stack

Lock = Literal["measuring", "locked", "held"]

LOCK_MASS = 0.95
LOSE_MASS = 0.5
PERSON_LEAD_MS = 20.0
PERSON_SD_MS = 30.0
"""A mouth leads its voice by a person's and a film's own constant: mean and spread over people filmed in step."""
USEFUL_DRIFT_SPREAD_PPM = 30.0
FRESH_S = 3.0
_SETTLING_POINTS = 50
_BLOCK_S = 4.0
_LONGEST_BLOCK_S = 30.0
_LEAST_S = 0.5
_RECENT_BLOCKS = 3
_JUMP_MS = 40.0


class LagEstimator:
    """`lag_ms` > 0: the sound comes later than the picture. A hand-set `fixed_ms` switches estimation off."""

    def __init__(self, fixed_ms: float | None = None) -> None:
        self._fixed_ms = fixed_ms
        self.reset()

    def reset(self) -> None:
        """A device was opened again: its lag may be another one."""
        self._stack = Stack()
        self._sums: dict[int, LaggedSums] = {}
        self._begun_ns = 0
        self._now_ns: int | None = None
        self._heard_ns = 0
        self._belief: LagBelief | None = None
        self._believed_s = 0.0
        self._sure = False
        self._applied = AppliedLag()

    def step(self, now_ns: int, mouths: dict[int, Channels], voice: Channels, speech: Bools) -> None:
        """Look at the last seconds, which end at `now_ns`: `mouths` of each track and `voice` (n, C), `speech` (n,).

        Calls may overlap as they like: each pair of points counts once.
        """
        if self._fixed_ms is not None:
            return
        if self._now_ns is not None and now_ns < self._now_ns:
            self.reset()
        before_ns, self._now_ns = self._now_ns, now_ns
        if self._gather(before_ns, mouths, voice, speech):
            self._judge()
        self._follow(0.0 if before_ns is None else (now_ns - before_ns) / NS_PER_S)

    def _gather(self, before_ns: int | None, mouths: dict[int, Channels], voice: Channels, speech: Bools) -> bool:
        """Take in what is new, but for the newest half second, which may still change. Was there any speech?"""
        now_ns = self._now_ns or 0
        end = len(voice) - _SETTLING_POINTS
        first = 0 if before_ns is None else max(0, end - (now_ns - before_ns) // STEP_NS)
        if end <= first or not mouths:
            return False
        heard = swings(voice, around(speech)).until(end)
        if not heard.weight[first:].any():
            return False
        if not self._sums:
            self._begun_ns = now_ns
        for track, mouth in mouths.items():
            self._sums.setdefault(track, LaggedSums()).add(swings(mouth).until(end), heard, first)
        self._heard_ns = now_ns
        return True

    def _judge(self) -> None:
        block = self._block()
        if block is not None:
            self._believe(believe(self._stack.faces(block)))
        age_s = ((self._now_ns or 0) - self._begun_ns) / NS_PER_S
        if max(sums.seconds for sums in self._sums.values()) < _BLOCK_S and age_s < _LONGEST_BLOCK_S:
            return
        self._sums = {}
        if block is not None:
            self._stack.add(block)
            self._notice_jump()

    def _block(self) -> Block | None:
        """What was gathered since the last block."""
        curves = {track: (sums.curve, sums.seconds) for track, sums in self._sums.items() if sums.seconds >= _LEAST_S}
        return Block((self._begun_ns + (self._now_ns or 0)) / 2 / NS_PER_S, curves) if curves else None

    def _believe(self, belief: LagBelief) -> None:
        self._sure = belief.mass >= (LOCK_MASS if self._belief is None else LOSE_MASS)
        if self._sure:
            self._belief, self._believed_s = belief, self._stack.at_s or 0.0

    def _notice_jump(self) -> None:
        """Where the newest blocks are sure of another lag, the older ones are of no use any more."""
        if self._belief is None or len(self._stack) <= _RECENT_BLOCKS:
            return
        recent = self._stack.newest(_RECENT_BLOCKS)
        belief = believe(recent.faces())
        apart_ms = abs(belief.lag_ms - self._at_ms(recent.at_s or 0.0))
        if belief.mass >= LOCK_MASS and apart_ms > max(_JUMP_MS, 3 * belief.spread_ms):
            self._stack = recent
            self._believe(belief)

    def _follow(self, passed_s: float) -> None:
        lag_ms = self.lag_ms
        if lag_ms is not None:
            self._applied.step(lag_ms, self._spread_ms, (self.drift_ppm or 0.0) * passed_s * 1e-3)

    def _at_ms(self, moment_s: float) -> float:
        """The believed lag of mouth and voice at a moment."""
        if self._belief is None:
            return 0.0
        return self._belief.lag_ms + self._belief.drift_ppm * (moment_s - self._believed_s) * 1e-3

    @property
    def _spread_ms(self) -> float:
        """Standard deviation of `lag_ms`."""
        if self._belief is None:
            return math.inf
        passed_s = (self._now_ns or 0) / NS_PER_S - self._believed_s
        return math.hypot(self._belief.spread_ms, PERSON_SD_MS, self._belief.drift_spread_ppm * passed_s * 1e-3)

    @property
    def lag_ms(self) -> float | None:
        """The estimate, or None while nothing is known."""
        if self._fixed_ms is not None or self._belief is None:
            return self._fixed_ms
        return self._at_ms((self._now_ns or 0) / NS_PER_S) - PERSON_LEAD_MS

    @property
    def ci_ms(self) -> float | None:
        """Half width of the 95 % interval; None while nothing is known, and for a lag set by hand."""
        return None if self._fixed_ms is not None or self._belief is None else 1.96 * self._spread_ms

    @property
    def drift_ppm(self) -> float | None:
        """How fast the sound falls behind the picture; None while that is known to no better than ±60 ppm."""
        if self._belief is None or self._belief.drift_spread_ppm > USEFUL_DRIFT_SPREAD_PPM:
            return None
        return self._belief.drift_ppm

    @property
    def applied_ms(self) -> float:
        """What windows are moved by."""
        return self._applied.ms if self._fixed_ms is None else self._fixed_ms

    @property
    def lock(self) -> Lock:
        """`measuring` until one lag is sure, `locked` while speech confirms it, `held` in between."""
        if self._fixed_ms is not None:
            return "locked"
        if self._belief is None:
            return "measuring"
        fresh = (self._now_ns or 0) - self._heard_ns <= FRESH_S * NS_PER_S
        return "locked" if fresh and self._sure else "held"
