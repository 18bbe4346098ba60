"""Which stamp is meant by a moment."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def nearest(stamps_ns: NDArray[np.int64], moments_ns: NDArray[np.int64]) -> NDArray[np.int64]:
    """Places (n,) of the stamps nearest to the moments (n,). `stamps_ns` rises and is not empty."""
    right = np.clip(np.searchsorted(stamps_ns, moments_ns), 0, len(stamps_ns) - 1)
    left = np.maximum(right - 1, 0)
    return np.where(moments_ns - stamps_ns[left] <= stamps_ns[right] - moments_ns, left, right).astype(np.int64)
