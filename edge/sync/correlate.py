"""Small pieces of correlation: z-scores, and peaks between samples."""

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
