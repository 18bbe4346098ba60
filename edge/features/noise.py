"""What the room sounds like when nobody speaks: a running profile for the spectral gate."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from edge.features.level import QUIETEST_DB

Reals = NDArray[np.float64]


class NoiseProfile:
    """Mean and deviation of the noise, in dB per frequency, forgotten over 3 s.

    Noise is what the voice detector calls no voice and what is hardly louder than the quietest block of the
    last 3 s (minimum statistics, Martin 2001): a shout that the detector misses is not learnt, a fan that
    starts is, 3 s later.
    """

    MEMORY_BLOCKS = 94  # 3 s
    ENOUGH_BLOCKS = 4  # 128 ms
    ABOVE_QUIETEST_DB = 6.0
    FAINTEST_ROOM_DB = -85.0
    FAINTEST_DB = -140.0  # rounding to 16 bits makes -122 in one frequency; zeros must not drag the mean to -313

    def __init__(self, bins: int) -> None:
        self.mean_db: Reals = np.zeros(bins)
        self._mean_square: Reals = np.zeros(bins)
        self._blocks = 0
        self._recent_db: deque[float] = deque(maxlen=self.MEMORY_BLOCKS)
        self.level_db = QUIETEST_DB

    @property
    def known(self) -> bool:
        """Whether enough noise was heard to gate by."""
        return self._blocks >= self.ENOUGH_BLOCKS

    @property
    def std_db(self) -> Reals:
        """Standard deviation in dB per frequency."""
        return np.sqrt(np.maximum(0.0, self._mean_square - self.mean_db**2))

    def hear(self, frames_db: Reals, level_db: float, *, voice: bool) -> None:
        """Take one block of sound, frames_db (frames, bins), and learn from it when it is noise."""
        if level_db <= QUIETEST_DB:
            return  # digital silence: a muted microphone, not the room
        self._recent_db.append(level_db)
        quietest_db = max(min(self._recent_db), self.FAINTEST_ROOM_DB)
        if voice or level_db > quietest_db + self.ABOVE_QUIETEST_DB:
            return
        frames_db = np.maximum(frames_db, self.FAINTEST_DB)
        self._blocks = min(self._blocks + 1, self.MEMORY_BLOCKS)
        share = 1.0 / self._blocks
        self.mean_db = self.mean_db + share * (np.mean(frames_db, axis=0) - self.mean_db)
        self._mean_square = self._mean_square + share * (np.mean(frames_db**2, axis=0) - self._mean_square)
        self.level_db += share * (level_db - self.level_db)
