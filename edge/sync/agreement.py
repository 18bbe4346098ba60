"""How well the newest moments of a mouth agree with the voice, for each small lag that may be between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.samples import Bools
from edge.sync.signals import CHANNEL_WEIGHTS, Channels, measurable, widened

LAGS = np.arange(-6, 11, 2)
"""Points (10 ms) by which the voice may come after the mouth: people's own lead, and a lag that is not yet exact."""
NEAR_SPEECH = 20
"""Points around speech that count too: a speaker's mouth opens and closes with the voice."""
LEAST_COUNTED = 25
TICK_POINTS = 20
GAIN, OFFSET = 3.6, -0.84
"""Logarithm of the likelihood ratio of own against foreign voice = GAIN × product + OFFSET (logistic regression, fitted
on real talking faces by `python -m tests.speaker_bench`)."""
INDEPENDENCE = 0.85
"""Neighbouring ticks say partly the same, so each one counts less than alone."""
MOST_EVIDENCE = 2.0
"""Per tick: an owner is not lost to a single strange moment."""


@dataclass(frozen=True)
class Products:
    """`by_lag` (n_lags,): sums, over the new points, of the weighted products of z-scored channels at each of LAGS.

    `ticks`: how many times 200 ms of points were counted. `by_lag` / `ticks` is a correlation.
    """

    by_lag: NDArray[np.float64]
    ticks: float


def products(mouth: Channels, voice: Channels, speech: Bools, new: int) -> Products | None:
    """`mouth`, `voice` (n, C) and `speech` (n,) of the last seconds, of which the last `new` points are new.

    Each pair of points is counted once, when the latest voice that may belong to it has come. None: too little is
    known.
    """
    last = len(mouth) - int(LAGS[-1])
    first = max(last - new, -int(LAGS[0]))
    counted = widened(speech, NEAR_SPEECH) & measurable(mouth) & measurable(voice)
    if last <= first or counted.sum() < LEAST_COUNTED:
        return None
    picture, sound = _zscored(mouth, counted)[first:last] * CHANNEL_WEIGHTS, _zscored(voice, counted)
    sums = [float((picture * sound[first + lag : last + lag]).sum()) for lag in LAGS]
    return Products(np.asarray(sums) / TICK_POINTS, float(counted[first:last].sum()) / TICK_POINTS)


def evidence(found: Products) -> NDArray[np.float64]:
    """Logarithm of the likelihood ratio of own against foreign voice at each of LAGS (n_lags,)."""
    ratio = INDEPENDENCE * (GAIN * found.by_lag + OFFSET * found.ticks)
    bound = MOST_EVIDENCE * max(1.0, found.ticks)
    return np.asarray(np.clip(ratio, -bound, bound))


def _zscored(channels: Channels, counted: Bools) -> Channels:
    """Zero mean and unit variance over the counted points (n,), 0 elsewhere; a flat column is 0."""
    inside = np.where(counted[:, None], channels, 0.0)
    count = int(counted.sum())
    centred = np.where(counted[:, None], inside - inside.sum(axis=0) / count, 0.0)
    spread = np.sqrt((centred**2).sum(axis=0) / count)
    return np.asarray(np.where(spread > 1e-9, centred / np.maximum(spread, 1e-9), 0.0))
