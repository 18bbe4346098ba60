"""The last seconds of the sound's features, kept by time stamp."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.clock import NS_PER_MS, NS_PER_S
from edge.samples import FEATURE_RATE_HZ, FEATURE_SIZE, SoundFrames
from edge.sync.tracks import KEEP_S

_SAME_NS = 5 * NS_PER_MS
"""Half a frame: one that is sent again with a slightly corrected stamp still replaces itself."""


class SoundHistory:
    """Sound feature frames, by stamp; a frame that is sent again replaces its provisional self.

    The rows lie in arrays of twice the length that is kept: only every so often are they moved to the front.
    """

    def __init__(self, keep_s: float = KEEP_S) -> None:
        self._keep_ns = int(keep_s * NS_PER_S)
        self._keep_rows = int(keep_s * FEATURE_RATE_HZ) + 1
        rows = 2 * self._keep_rows
        self._t_ns = np.zeros(rows, np.int64)
        self._columns = {
            "features": np.zeros((rows, FEATURE_SIZE), np.float32),
            "level_db": np.zeros(rows, np.float32),
            "voice": np.zeros(rows, np.float32),
        }
        self._newest: SoundFrames | None = None
        self._begin = self._end = 0

    def add(self, run: SoundFrames) -> None:
        """Append `run`, cutting off what it replaces; a jump back in time starts afresh."""
        if len(run.t_ns) == 0:
            return
        if self._newest is not None and run.t_ns[0] < self._stamps[0]:
            self.clear()
        self._newest = run
        taken = slice(max(0, len(run.t_ns) - self._keep_rows), None)
        at = self._begin + int(np.searchsorted(self._stamps, run.t_ns[taken][0] - _SAME_NS))
        at = self._room(at, len(run.t_ns[taken]))
        self._end = at + len(run.t_ns[taken])
        self._t_ns[at : self._end] = run.t_ns[taken]
        for name, column in self._columns.items():
            column[at : self._end] = getattr(run, name)[taken]
        self._begin += int(np.searchsorted(self._stamps, self._stamps[-1] - self._keep_ns))

    def _room(self, at: int, count: int) -> int:
        """Where `count` rows that follow the row before `at` can be put, the older ones moved if they must."""
        if at + count <= len(self._t_ns):
            return at
        first = max(self._begin, at - self._keep_rows)
        self._t_ns[: at - first] = self._t_ns[first:at].copy()
        for column in self._columns.values():
            column[: at - first] = column[first:at].copy()
        self._begin, self._end = 0, at - first
        return self._end

    def between(self, start_ns: int, end_ns: int) -> SoundFrames | None:
        """Frames with start < t ≤ end, or None when there are none. They are views, good until the next `add`."""
        if self._newest is None:
            return None
        first, last = np.searchsorted(self._stamps, [start_ns, end_ns], side="right") + self._begin
        if last <= first:
            return None
        columns = {name: column[first:last] for name, column in self._columns.items()}
        newest = self._newest
        return SoundFrames(newest.ready_ns, self._t_ns[first:last], noise_db=newest.noise_db, **columns)

    @property
    def begun_ns(self) -> int | None:
        """The first stamp that is remembered."""
        return None if self._newest is None else int(self._stamps[0])

    def clear(self) -> None:
        """Forget everything."""
        self._newest = None
        self._begin = self._end = 0

    @property
    def _stamps(self) -> NDArray[np.int64]:
        return self._t_ns[self._begin : self._end]
