"""Sound cut into the equal blocks that encoders take, each with the stamp of its first sample; holes stay holes."""

from __future__ import annotations

import numpy as np

from edge.clock import NS_PER_MS, NS_PER_S
from edge.samples import RATE_HZ, Chunk, Floats

HOLE_NS = 30 * NS_PER_MS
"""A stamp that leaps ahead by more than this means lost sound; less is jitter and drift of the clock."""

Block = tuple[int, Floats]
"""The stamp of the first sample, and the samples."""


class SoundBlocks:
    """Blocks of `size` samples. A hole is silence up to the end of the block it falls into, then a leap of the stamps.

    Encoders take a shorter block at the very end only.
    """

    def __init__(self, size: int) -> None:
        self.holes = 0
        self.lost_ns = 0
        """How much sound the holes would have held."""
        self._size = size
        self._t_ns = 0
        self._expected_ns: int | None = None
        self._waiting: Floats = np.zeros(0, np.float32)

    def push(self, chunk: Chunk) -> list[Block]:
        """The blocks that are whole with this chunk."""
        blocks = self._bridge(chunk)
        if len(self._waiting) == 0:
            self._t_ns = chunk.t_ns
        before = len(self._waiting)
        joined = np.concatenate([self._waiting, chunk.samples])
        whole = len(joined) // self._size * self._size
        for first in range(0, whole, self._size):
            blocks.append((self._t_ns, joined[first : first + self._size]))
            self._t_ns = chunk.t_ns + (first + self._size - before) * NS_PER_S // RATE_HZ
        self._waiting = joined[whole:]
        self._expected_ns = chunk.end_ns
        return blocks

    def finish(self) -> list[Block]:
        """What is left: one shorter block, or none."""
        rest, self._waiting = self._waiting, self._waiting[:0]
        return [(self._t_ns, rest)] if len(rest) else []

    def _bridge(self, chunk: Chunk) -> list[Block]:
        """Silence for the hole before this chunk; the block that it fills, if it does."""
        hole_ns = 0 if self._expected_ns is None else chunk.t_ns - self._expected_ns
        if hole_ns <= HOLE_NS:
            return []
        self.holes += 1
        self.lost_ns += hole_ns
        if len(self._waiting) == 0:
            return []
        silence = min(hole_ns * RATE_HZ // NS_PER_S, self._size - len(self._waiting))
        self._waiting = np.concatenate([self._waiting, np.zeros(silence, np.float32)])
        return self.finish() if len(self._waiting) == self._size else []
