"""How fast a figure grows, told robustly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import theilslopes

CONFIDENCE = 0.95
S_PER_H = 3600.0


@dataclass(frozen=True)
class Slope:
    """Per hour, with the interval that holds the true one with CONFIDENCE."""

    per_hour: float
    low: float
    high: float


def slope(times_s: Sequence[float], values: Sequence[float]) -> Slope:
    """The median of all slopes between two points (Theil 1950, Sen 1968); nan for fewer than three points."""
    if len(times_s) < 3:
        return Slope(float("nan"), float("nan"), float("nan"))
    found = theilslopes(values, times_s, alpha=CONFIDENCE)
    return Slope(*(round(float(one) * S_PER_H, 2) for one in (found.slope, found.low_slope, found.high_slope)))
