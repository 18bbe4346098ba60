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

    `t_ns` (n,) stamps of `values` (n, channels); `seen_ns` (m,) stamps at which the stream was looked at: a grid point
    farther than `near_ns` from all of them counts as interpolated. What lies before the stream had begun is masked,
    but not missing. Stamps out of order are put in order, of equal ones the last sample counts, and one that is not
    finite is left out.
    """
    t_ns, values = in_order(t_ns, values)
    if len(t_ns) == 0 or len(seen_ns) == 0:
        empty = np.zeros((len(grid_ns), values.shape[1]), np.float32)
        return Resampled(empty, np.zeros(len(grid_ns), np.bool_), float(len(grid_ns) > 0))
    there = _gap(np.maximum(grid_ns, begun_ns), grid_ns) <= near_ns
    missing = there & (distance_to_nearest(np.sort(seen_ns), grid_ns) > near_ns)
    believed = int(missing.sum()) <= MOST_INTERPOLATED * int(there.sum())
    share = float(missing.mean()) if len(grid_ns) else 0.0
    return Resampled(linear(t_ns, values, grid_ns), there & believed, share)


def in_order(t_ns: NDArray[np.int64], values: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Stamps (n,) strictly rising, with their `values` (n, channels): the last of equal stamps, the finite ones."""
    finite = np.isfinite(values).all(axis=1)
    if finite.all() and (t_ns[1:] > t_ns[:-1]).all():
        return t_ns, values
    t_ns, values = t_ns[finite], values[finite]
    order = np.argsort(t_ns, kind="stable")
    last = np.append(np.diff(t_ns[order]) != 0, True)[: len(order)]
    return t_ns[order][last], values[order][last]


def linear(t_ns: NDArray[np.int64], values: Floats, grid_ns: NDArray[np.int64]) -> Floats:
    """`values` (n ≥ 1, channels) at `grid_ns`, linear in time, held at both ends. `t_ns` (n,) strictly rising."""
    if len(t_ns) == 1:
        return np.repeat(values[:1], len(grid_ns), axis=0).astype(np.float32)
    right = np.clip(np.searchsorted(t_ns, grid_ns), 1, len(t_ns) - 1)
    left = right - 1
    inside = np.clip(grid_ns, t_ns[left], t_ns[right])
    weight = (_gap(inside, t_ns[left]) / _gap(t_ns[right], t_ns[left]))[:, None]
    mixed = values[left] * (1.0 - weight) + values[right] * weight
    return np.asarray(mixed, dtype=np.float32)


def distance_to_nearest(stamps_ns: NDArray[np.int64], grid_ns: NDArray[np.int64]) -> NDArray[np.uint64]:
    """For each grid point, the time to the nearest stamp in ns. `stamps_ns` (n ≥ 1,) rising."""
    right = np.clip(np.searchsorted(stamps_ns, grid_ns), 0, len(stamps_ns) - 1)
    left = np.maximum(right - 1, 0)
    return np.minimum(_gap(stamps_ns[right], grid_ns), _gap(stamps_ns[left], grid_ns))


def _gap(one_ns: NDArray[np.int64], other_ns: NDArray[np.int64]) -> NDArray[np.uint64]:
    """How far apart two moments are; unsigned, for two int64 can be farther apart than an int64 can tell."""
    later, earlier = np.maximum(one_ns, other_ns), np.minimum(one_ns, other_ns)
    return later.astype(np.uint64) - earlier.astype(np.uint64)
