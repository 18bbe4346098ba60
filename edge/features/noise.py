"""What the room sounds like when nobody speaks: a running profile for the spectral gate."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.features.level import QUIETEST_DB

Reals = NDArray[np.float64]


class NoiseProfile:
    """Mean and deviation of the noise, in dB per frequency, forgotten over some seconds."""

    MEMORY_BLOCKS = 94  # 3 s
    ENOUGH_BLOCKS = 4  # 128 ms
    SUDDEN_DB = 6.0
    FAINTEST_DB = -120.0  # under the noise of 16-bit rounding in one frequency

    def __init__(self, bins: int) -> None:
        self.mean_db: Reals = np.zeros(bins)
        self._mean_square: Reals = np.zeros(bins)
        self._weight = 0.0
        self.level_db = QUIETEST_DB

    @property
    def known(self) -> bool:
        """Whether enough noise was heard to gate by."""
        return self._weight >= self.ENOUGH_BLOCKS

    @property
    def std_db(self) -> Reals:
        """Standard deviation in dB per frequency."""
        return np.sqrt(np.maximum(0.0, self._mean_square - self.mean_db**2))

    def add(self, frames_db: Reals, level_db: float) -> None:
        """Take one block of noise, frames_db (frames, bins). A much louder one counts little: it may be a voice."""
        if level_db <= QUIETEST_DB:
            return  # digital silence: a muted microphone, not the room
        frames_db = np.maximum(frames_db, self.FAINTEST_DB)
        trust = 0.1 if self.known and level_db > self.level_db + self.SUDDEN_DB else 1.0
        self._weight = min(self._weight + trust, float(self.MEMORY_BLOCKS))
        share = trust / max(self._weight, 1.0)
        self.mean_db = self.mean_db + share * (np.mean(frames_db, axis=0) - self.mean_db)
        self._mean_square = self._mean_square + share * (np.mean(frames_db**2, axis=0) - self._mean_square)
        self.level_db += share * (level_db - self.level_db)
