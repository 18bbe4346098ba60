"""Claps that were heard and claps that were seen, paired by the one lag that explains most of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import t as student_t

from edge.calibrate.clap import HeardClap, SeenClap
from edge.clock import NS_PER_MS

MOST_LAG_MS = 1000.0
LEAST_TOLERANCE_MS = 25.0
"""Claps agree where each is within one picture's period of the middle one, or this where pictures come faster."""
_LEAST_PART = 0.6
"""Of all that was heard, and of all that was seen, from _AROUND_NS before the first clap that agrees to so long after
the last: where there is much else, such as typing, some of it agrees by chance.
"""
_AROUND_NS = 500 * NS_PER_MS
_RIVAL_MS = 150.0
_CONTACT_SIGMA = 0.25
"""What one picture's period is divided by chance, where the contact is interpolated: measured on drawn claps."""
_PRIOR_CLAPS = 4.0
_SYSTEMATIC_MS = 5.0
"""What more claps do not take away: hands meet over some milliseconds, and the sound's onset is found to ±2."""

Lack = Literal["neither", "not heard", "not seen", "apart", "too few", "disagree", "crowded", "ambiguous"]


@dataclass(frozen=True)
class ClapPair:
    """One clap, both ways. `offset_ms` > 0: it was heard later than it was seen."""

    seen_ns: int
    heard_ns: int
    period_ns: int

    @property
    def offset_ms(self) -> float:
        """From the picture to the sound."""
        return (self.heard_ns - self.seen_ns) / NS_PER_MS


@dataclass(frozen=True)
class Agreement:
    """The lag and half the width of its 95 % interval."""

    offset_ms: float
    ci_ms: float
    pairs: tuple[ClapPair, ...]


@dataclass(frozen=True)
class Shortfall:
    """Why there is no lag yet; `agreeing` is how many claps were paired at best."""

    lack: Lack
    heard: int
    seen: int
    agreeing: int


def agree(heard: Sequence[HeardClap], seen: Sequence[SeenClap], wanted: int) -> Agreement | Shortfall:
    """The lag on which at least `wanted` claps agree, and more of them than on any other lag within ±1000 ms."""
    pairs = [ClapPair(eye.t_ns, ear.t_ns, eye.period_ns) for eye in seen for ear in heard]
    pairs = [pair for pair in pairs if abs(pair.offset_ms) <= MOST_LAG_MS]
    groups = sorted((_group(pairs, pair.offset_ms) for pair in pairs), key=_merit, reverse=True)
    agreeing = len(groups[0]) if groups else 0
    if agreeing < wanted:
        return Shortfall(_lack(len(heard), len(seen), agreeing, wanted), len(heard), len(seen), agreeing)
    groups = [group for group in groups if _stands_out(group, heard, seen)]
    if not groups or len(groups[0]) < wanted:
        return Shortfall("crowded", len(heard), len(seen), agreeing)
    best = groups[0]
    centre_ms = _mean_ms(best)
    if any(len(one) == len(best) and abs(_mean_ms(one) - centre_ms) > _RIVAL_MS for one in groups):
        return Shortfall("ambiguous", len(heard), len(seen), len(best))
    return Agreement(centre_ms, _ci_ms(best), best)


def _group(pairs: Sequence[ClapPair], offset_ms: float) -> tuple[ClapPair, ...]:
    """Those that agree with `offset_ms`, the nearest first, each clap in one pair only."""
    eyes: set[int] = set()
    ears: set[int] = set()
    kept: list[ClapPair] = []
    for pair in sorted(pairs, key=lambda one: abs(one.offset_ms - offset_ms)):
        tolerance_ms = max(LEAST_TOLERANCE_MS, pair.period_ns / NS_PER_MS)
        if abs(pair.offset_ms - offset_ms) > tolerance_ms or pair.seen_ns in eyes or pair.heard_ns in ears:
            continue
        eyes.add(pair.seen_ns)
        ears.add(pair.heard_ns)
        kept.append(pair)
    return tuple(sorted(kept, key=lambda one: one.seen_ns))


def _stands_out(group: Sequence[ClapPair], heard: Sequence[HeardClap], seen: Sequence[SeenClap]) -> bool:
    ears = _between([clap.t_ns for clap in heard], group[0].heard_ns, group[-1].heard_ns)
    eyes = _between([clap.t_ns for clap in seen], group[0].seen_ns, group[-1].seen_ns)
    return len(group) >= _LEAST_PART * max(ears, eyes)


def _between(moments_ns: Sequence[int], first_ns: int, last_ns: int) -> int:
    return sum(first_ns - _AROUND_NS <= moment_ns <= last_ns + _AROUND_NS for moment_ns in moments_ns)


def _merit(group: Sequence[ClapPair]) -> tuple[int, float]:
    return len(group), -float(np.std([pair.offset_ms for pair in group]))


def _mean_ms(group: Sequence[ClapPair]) -> float:
    return float(np.mean([pair.offset_ms for pair in group]))


def _ci_ms(group: Sequence[ClapPair]) -> float:
    """Half of the 95 % interval of the mean: the scatter of the claps, pooled with what is known of single claps.

    The scaled inverse chi-squared prior of Gelman et al., Bayesian Data Analysis, 3rd ed., 2.6 and 3.2.
    """
    offsets = np.asarray([pair.offset_ms for pair in group])
    known_ms = _CONTACT_SIGMA * float(np.mean([pair.period_ns for pair in group])) / NS_PER_MS
    freedom = _PRIOR_CLAPS + len(offsets) - 1
    squares = _PRIOR_CLAPS * known_ms**2 + float(np.sum((offsets - offsets.mean()) ** 2))
    half_ms = float(student_t.ppf(0.975, freedom)) * math.sqrt(squares / freedom / len(offsets))
    return math.hypot(half_ms, _SYSTEMATIC_MS)


def _lack(heard: int, seen: int, agreeing: int, wanted: int) -> Lack:
    if heard == 0 or seen == 0:
        return "neither" if heard == seen else "not heard" if heard == 0 else "not seen"
    if min(heard, seen) < wanted:
        return "too few"
    return "apart" if agreeing < 2 else "disagree"
