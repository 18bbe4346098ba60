"""Values of a stream at the moments of a grid, with what was missing filled in by time stamps and marked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.samples import Bools, Floats

MOST_INTERPOLATED = 0.5


@dataclass(frozen=True)
class Resampled:
    """`values` (grid, channels), `mask` (grid,): False where the value must not be used.

    `interpolated`: fraction of the grid that had no sample nearby. Where it is more than MOST_INTERPOLATED of what
    should be there, nothing is believed: the whole mask is False.
    """

    values: Floats
    mask: Bools
    interpolated: float


def at_grid(
    t_ns: NDArray[np.int64],
    values: Floats,
    seen_ns: NDArray[np.int64],
    grid_ns: NDArray[np.int64],
    *,
    near_ns: int,
    begun_ns: int,
) -> Resampled:
    """Linear in time between samples, held at the edges.

    `t_ns` (n,) increasing stamps of `values` (n, channels); `seen_ns` (m,) increasing stamps at which the stream
    was looked at: a grid point farther than `near_ns` from all of them counts as interpolated. What lies before
    the stream had begun is masked, but not missing.
    """
    channels = values.shape[1] if values.ndim == 2 else 0
    if len(t_ns) == 0 or len(seen_ns) == 0:
        return Resampled(
            np.zeros((len(grid_ns), channels), np.float32), np.zeros(len(grid_ns), np.bool_), float(len(grid_ns) > 0)
        )
    there = grid_ns >= begun_ns - near_ns
    missing = there & (distance_to_nearest(seen_ns, grid_ns) > near_ns)
    believed = int(missing.sum()) <= MOST_INTERPOLATED * int(there.sum())
    return Resampled(linear(t_ns, values, grid_ns), there & believed, float(missing.mean()))


def linear(t_ns: NDArray[np.int64], values: Floats, grid_ns: NDArray[np.int64]) -> Floats:
    """`values` (n, channels) at `grid_ns`, linear in time, held at both ends."""
    right = np.clip(np.searchsorted(t_ns, grid_ns), 1, max(1, len(t_ns) - 1))
    if len(t_ns) == 1:
        return np.repeat(values[:1], len(grid_ns), axis=0).astype(np.float32)
    left = right - 1
    span = np.maximum(t_ns[right] - t_ns[left], 1)
    weight = np.clip((grid_ns - t_ns[left]) / span, 0.0, 1.0)[:, None]
    mixed = values[left] * (1.0 - weight) + values[right] * weight
    return np.asarray(mixed, dtype=np.float32)


def distance_to_nearest(stamps_ns: NDArray[np.int64], grid_ns: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each grid point, the time to the nearest stamp in ns. `stamps_ns` must not be empty."""
    right = np.clip(np.searchsorted(stamps_ns, grid_ns), 0, len(stamps_ns) - 1)
    left = np.maximum(right - 1, 0)
    nearest: NDArray[np.int64] = np.minimum(np.abs(stamps_ns[right] - grid_ns), np.abs(stamps_ns[left] - grid_ns))
    return nearest
