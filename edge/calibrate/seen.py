"""Claps in a picture: motion that grows and then stops at once, where the hands meet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.calibrate.clap import SeenClap
from edge.calibrate.motion import Motion

LEAST_ENERGY = 0.1
"""Mean grey levels: hands at a desk make several, those of somebody three metres away a few tenths."""
OVER_USUAL = 2.0
"""So many times the median motion."""
STOP_SHARE = 0.5
"""After the contact there is at most this share of the motion before it."""
COMING_SHARE = 0.15
"""Hands come for more than one picture's time: least share of that motion in the picture before; a cut has none."""
FASTEST_SHARE = 1.5
"""Hands speed up towards the contact, but not by more than this from one picture to the next."""
SLOWING = 0.7
"""Hands hit each other at nearly their full speed; those that come to rest elsewhere have become slower before."""
WIDENING = 1.03
"""Hands that have parted stop, too: what moved has then become wider."""
APART_NS = 300_000_000

_BEFORE, _AFTER = 4, 2
Stamps = NDArray[np.int64]
Series = NDArray[np.float64]


def seen_claps(motions: Sequence[Motion]) -> list[SeenClap]:
    """The claps among the motions of successive pictures, in order."""
    if len(motions) < _BEFORE + _AFTER + 1:
        return []
    times = np.asarray([one.t_ns for one in motions], np.int64)
    energy = np.asarray([one.energy for one in motions])
    spread = np.asarray([one.spread for one in motions])
    usual = float(np.median(energy))
    least = max(LEAST_ENERGY, OVER_USUAL * usual)
    energy = np.maximum(energy - usual, 0.0)
    found: list[SeenClap] = []
    for number in range(_BEFORE, len(motions) - _AFTER):
        clap = _contact(times, energy, number)
        if clap is None or clap.energy < least:
            continue
        coming = slice(number - _BEFORE, number)
        if clap.energy < SLOWING * energy[coming].max() or _widens(spread[coming], energy[coming]):
            continue
        if found and clap.t_ns - found[-1].t_ns < APART_NS:
            if clap.energy <= found[-1].energy:
                continue
            found.pop()
        found.append(clap)
    return found


def _contact(times: Stamps, energy: Series, number: int) -> SeenClap | None:
    """The contact between pictures `number - 1` and `number`, if it lies there.

    Hands that come at speed v and leave at r v displace each other by |f - (1 - f) r| v within the interval, where
    the contact divides it at f.
    """
    before, within, after = energy[number - 1], energy[number], energy[number + 1]
    if before <= 0 or within > FASTEST_SHARE * before or after > STOP_SHARE * before:
        return None
    if energy[number - 2] < COMING_SHARE * before:
        return None
    full = max(before, within)
    left = after / full
    share = min(1.0, (within / full + left) / (1.0 + left))
    period_ns = int(times[number] - times[number - 1])
    return SeenClap(int(times[number - 1]) + round(share * period_ns), period_ns, float(before))


def _widens(spread: Series, energy: Series) -> bool:
    strong = spread[energy > 0.3 * energy.max()]
    return bool(strong[-1] > WIDENING * strong[0])
