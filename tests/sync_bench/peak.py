"""Peaks between samples."""

from __future__ import annotations

import numpy as np

from edge.sync.signals import Signal


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
