"""How loud the stream is, per 10 ms, before any denoising."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from edge.samples import RATE_HZ, Floats

SLOT_SAMPLES = 160
BAND_HZ = (100.0, 4000.0)
QUIETEST_DB = -100.0


def power_db(power: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean square to dBFS (a full-scale square wave is 0, a sine -3), never below QUIETEST_DB."""
    return np.asarray(10.0 * np.log10(np.maximum(power, 10.0 ** (QUIETEST_DB / 10.0))))


class LevelMeter:
    """The level of the band of voices in slots of 10 ms; slot i covers samples 160 i … 160 i + 159."""

    def __init__(self) -> None:
        self._sos = butter(2, BAND_HZ, btype="bandpass", fs=RATE_HZ, output="sos")
        self._state = np.zeros((len(self._sos), 2))
        self._tail: NDArray[np.float64] = np.empty(0)

    def step(self, samples: Floats) -> Floats:
        """Take samples (any number), return dBFS of the slots they complete: (n,)."""
        band, self._state = sosfilt(self._sos, samples.astype(np.float64), zi=self._state)
        band = np.concatenate([self._tail, band])
        count = len(band) // SLOT_SAMPLES
        self._tail = band[count * SLOT_SAMPLES :]
        slots = band[: count * SLOT_SAMPLES].reshape(count, SLOT_SAMPLES)
        return power_db(np.mean(slots**2, axis=1)).astype(np.float32)
