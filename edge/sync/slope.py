"""The slope condition of a warping path: how fast the sound may run against the picture."""

from __future__ import annotations

import numpy as np

from edge.sync.signals import Signal

SLOWEST, FASTEST = 0.5, 2.0
"""Sakoe and Chiba's condition P = 1 (1978): at most one step along an axis for each step along the diagonal."""


def limited(path: Signal) -> Signal:
    """The path (n,) with every step between SLOWEST and FASTEST, near the given one and inside the same band.

    The mean of two paths: the highest nowhere above the given one that keeps to the slopes, and the lowest nowhere
    below it. A path that keeps to them already is both. Paths that keep to the slopes are a convex set: so does the
    mean. Neither leaves a band around the diagonal, whose slope of 1 lies between the two.
    """
    at = np.arange(len(path), dtype=np.float64)
    slow, fast = path - SLOWEST * at, path - FASTEST * at
    below = np.minimum(np.minimum.accumulate(fast) + FASTEST * at, _backwards(np.minimum, slow) + SLOWEST * at)
    above = np.maximum(np.maximum.accumulate(slow) + SLOWEST * at, _backwards(np.maximum, fast) + FASTEST * at)
    return np.asarray(0.5 * (below + above))


def _backwards(extreme: np.ufunc, values: Signal) -> Signal:
    return np.asarray(extreme.accumulate(values[::-1])[::-1])
