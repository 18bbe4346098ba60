"""How often each item is drawn in training."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def class_chances(labels: NDArray[np.int64], balance: float) -> NDArray[np.float64]:
    """How likely each row is drawn, (n,) summing to 1: by its label's rarity to the power of `balance`."""
    weight = np.bincount(labels)[labels].astype(np.float64) ** -balance
    return np.asarray(weight / weight.sum())
