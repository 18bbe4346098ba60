"""The lag between the devices and its drift: evidence gathered over minutes of speech."""

from __future__ import annotations

import math
from typing import Literal

from edge.clock import NS_PER_S
from edge.samples import Bools
from edge.sync.applied import AppliedLag
from edge.sync.gathering import Gathering
from edge.sync.lag_belief import LagBelief, agree, believe
from edge.sync.signals import Channels
from edge.sync.stack import Stack

Lock = Literal["measuring", "locked", "held"]

LOCK_MASS = 0.99
LOSE_MASS = 0.5
PERSON_LEAD_MS = 20.0
PERSON_SD_MS = 32.0
"""A mouth leads its voice by a person's and a film's own constant: 21 ± 24 ms over 9 people filmed in step. The spread
is wider here, so that the interval holds for each of them when the others alone are known."""
USEFUL_DRIFT_SPREAD_PPM = 30.0
FRESH_S = 3.0
_UNSURE_DRIFT_S = 60.0
"""A drift that is not told carries the lag no farther than this: in a long silence it stays where it was."""
_RECENT_BLOCKS = 3
_JUMP_MS = 40.0


class LagEstimator:
    """`lag_ms` > 0: the sound comes later than the picture. A hand-set `fixed_ms` switches estimation off."""

    def __init__(self, fixed_ms: float | None = None) -> None:
        self._fixed_ms = fixed_ms
        self.reset()

    def fix(self, fixed_ms: float | None) -> None:
        """Another lag set by hand, or None: it is estimated from now on. From any thread."""
        self._fixed_ms = fixed_ms

    def reset(self) -> None:
        """A device was opened again: its lag may be another one."""
        self._gathering = Gathering()
        self._stack = Stack()
        self._now_ns: int | None = None
        self._belief: LagBelief | None = None
        self._believed_s = 0.0
        self._confirmed = False
        self._applied = AppliedLag()

    def step(self, now_ns: int, mouths: dict[int, Channels], voice: Channels, speech: Bools) -> None:
        """Look at the last seconds, which end at `now_ns`: `mouths` of each track and `voice` (n, C), `speech` (n,).

        Calls may overlap as they like: each pair of points counts once.
        """
        if self._fixed_ms is not None:
            return
        if self._now_ns is not None and now_ns < self._now_ns:
            self.reset()
        passed_s = 0.0 if self._now_ns is None else (now_ns - self._now_ns) / NS_PER_S
        self._now_ns = now_ns
        if self._gathering.add(now_ns, mouths, voice, speech):
            self._judge()
        lag_ms = self.lag_ms
        if lag_ms is not None and self._belief is not None:
            # Without what silence adds to the spread: nothing moves because nobody speaks.
            spread_ms = math.hypot(self._belief.spread_ms, PERSON_SD_MS)
            self._applied.step(lag_ms, spread_ms, (self.drift_ppm or 0.0) * passed_s * 1e-3)

    def _judge(self) -> None:
        block, full = self._gathering.block, self._gathering.full
        if full:
            self._gathering.clear()
        if block is None:
            return
        belief = believe(self._stack.faces(block))
        sure = belief.mass >= (LOCK_MASS if self._belief is None else LOSE_MASS)
        if sure:
            self._take(belief, self._stack)
        if full:
            self._stack.add(block)
            self._look_back(sure)

    def _take(self, belief: LagBelief, stack: Stack) -> None:
        self._confirmed = self._confirmed or self._belief is None
        self._belief, self._believed_s = belief, stack.at_s or 0.0

    def _look_back(self, sure: bool) -> None:
        """Do the newest blocks agree? Where they are sure of another lag, or alone sure, the older ones go."""
        if self._belief is None:
            return
        recent = self._stack.newest(_RECENT_BLOCKS)
        faces, expected_ms = recent.faces(), self._at_ms(recent.at_s or 0.0)
        belief = believe(faces)
        jumped = abs(belief.lag_ms - expected_ms) > max(_JUMP_MS, 3 * belief.spread_ms)
        if belief.mass >= LOCK_MASS and (jumped or not sure):
            self._stack = recent
            self._take(belief, recent)
        self._confirmed = agree(faces, self._at_ms(recent.at_s or 0.0))

    def _at_ms(self, moment_s: float) -> float:
        """The believed lag of mouth and voice at a moment."""
        if self._belief is None:
            return 0.0
        passed_s = moment_s - self._believed_s
        if self.drift_ppm is None:
            passed_s = min(passed_s, _UNSURE_DRIFT_S)
        return self._belief.lag_ms + self._belief.drift_ppm * passed_s * 1e-3

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
        heard_ns = self._gathering.heard_ns or 0
        return "locked" if self._confirmed and (self._now_ns or 0) - heard_ns <= FRESH_S * NS_PER_S else "held"
