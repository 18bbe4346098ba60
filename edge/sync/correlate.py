"""Mouth motion against voice energy: normalised cross-correlation on one 100 Hz time base."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.float64]


def zscored(signal: Signal) -> Signal | None:
    """Zero mean and unit variance, or None when the signal is empty, constant or not finite."""
    if len(signal) == 0 or not np.isfinite(signal).all():
        return None
    spread = float(signal.std())
    if spread < 1e-9:
        return None
    return np.asarray((signal - signal.mean()) / spread)


def correlations(picture: Signal, sound: Signal, most_lag: int) -> Signal:
    """Pearson correlation of `picture[i]` with `sound[i + lag]` for lag = −most_lag … most_lag, overlap only."""
    known = np.isfinite(picture) & np.isfinite(sound)
    picture, sound = picture[known], sound[known]
    n = len(picture)
    out = np.zeros(2 * most_lag + 1)
    for k, lag in enumerate(range(-most_lag, most_lag + 1)):
        a = picture[max(0, -lag) : n - max(0, lag)]
        b = sound[max(0, lag) : n - max(0, -lag)]
        spread = float(a.std() * b.std())
        if len(a) > 1 and spread > 1e-12:
            out[k] = float(((a - a.mean()) * (b - b.mean())).mean()) / spread
    return out


def sub_sample_peak(curve: Signal) -> tuple[float, float]:
    """Position (in samples, fractional by a parabola through three points) and height of the highest point."""
    k = int(np.argmax(curve))
    if 0 < k < len(curve) - 1:
        left, middle, right = curve[k - 1], curve[k], curve[k + 1]
        bend = left - 2 * middle + right
        if bend < -1e-12:
            shift = 0.5 * (left - right) / bend
            return k + float(shift), float(middle - 0.25 * (left - right) * shift)
    return float(k), float(curve[k])
