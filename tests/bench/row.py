"""One row of the table: what was done, what came of it, and whether that is what was wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Row:
    """`figures` are the numbers behind `measured`; those with a unit have it in their name."""

    done: str
    measured: str
    target: str
    met: bool
    figures: dict[str, Any] = field(default_factory=dict)
    key: str = ""
    seconds: float = 0.0


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median, 95th and 99th percentile and the largest; nan without values."""
    if not values:
        return dict.fromkeys(("p50", "p95", "p99", "max"), float("nan"))
    p50, p95, p99 = (round(float(np.percentile(values, share)), 3) for share in (50, 95, 99))
    return {"p50": p50, "p95": p95, "p99": p99, "max": round(max(values), 3)}
