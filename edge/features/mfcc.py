"""MFCC with deltas, frame by frame: equal to librosa's, at a fraction of its cost.

Parameters as `librosa.feature.mfcc(sr=16000, n_mfcc=40, n_fft=480, hop_length=160, n_mels=64, center=False)`
with `power_to_db(top_db=None)`: a floor relative to the loudest moment of a recording cannot be known in a stream.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct, rfft

from edge.samples import RATE_HZ, Floats

MFCC_COUNT = 40
MEL_COUNT = 64
WINDOW_SAMPLES = 480
HOP_SAMPLES = 160
DELTA_WIDTH = 9
DELTA_REACH = DELTA_WIDTH // 2
POWER_FLOOR = 1e-10


def mel_to_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Slaney's mel scale (Auditory Toolbox, 1998): linear to 1 kHz, then logarithmic."""
    linear = mel * (200.0 / 3.0)
    logarithmic = 1000.0 * np.exp((mel - 15.0) * np.log(6.4) / 27.0)
    return np.where(mel < 15.0, linear, logarithmic)


def mel_filters() -> NDArray[np.float64]:
    """Triangles of equal area between 0 Hz and half the rate: (MEL_COUNT, WINDOW_SAMPLES // 2 + 1)."""
    top_mel = 15.0 + 27.0 * np.log(RATE_HZ / 2 / 1000.0) / np.log(6.4)
    corners_hz = mel_to_hz(np.linspace(0.0, top_mel, MEL_COUNT + 2))
    bins_hz = np.fft.rfftfreq(WINDOW_SAMPLES, 1.0 / RATE_HZ)
    distances = bins_hz[None, :] - corners_hz[:, None]
    widths = np.diff(corners_hz)[:, None]
    rising = distances[:-2] / widths[:-1]
    falling = -distances[2:] / widths[1:]
    area = 2.0 / (corners_hz[2:] - corners_hz[:-2])
    return np.asarray(np.maximum(0.0, np.minimum(rising, falling)) * area[:, None])


class Mfcc:
    """The static coefficients of a stream, each 30 ms window once. No window reaches before the stream's start."""

    def __init__(self) -> None:
        self._window = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(WINDOW_SAMPLES) / WINDOW_SAMPLES)
        self._filters = mel_filters().T.copy()
        self._tail: NDArray[np.float64] = np.empty(0)

    def step(self, samples: Floats) -> Floats:
        """Take samples (any number), return the MFCC of the windows they complete: (n, MFCC_COUNT)."""
        sound = np.concatenate([self._tail, samples])
        count = max(0, 1 + (len(sound) - WINDOW_SAMPLES) // HOP_SAMPLES)
        self._tail = sound[count * HOP_SAMPLES :]
        if count == 0:
            return np.empty((0, MFCC_COUNT), np.float32)
        windows = sound[np.add.outer(np.arange(count) * HOP_SAMPLES, np.arange(WINDOW_SAMPLES))]
        spectrum = rfft(windows * self._window, axis=1)
        power = spectrum.real**2 + spectrum.imag**2
        mel_db = 10.0 * np.log10(np.maximum(power @ self._filters, POWER_FLOOR))
        return np.asarray(dct(mel_db, type=2, norm="ortho", axis=1)[:, :MFCC_COUNT], np.float32)


class Deltas:
    """First and second derivatives over nine frames by Savitzky–Golay fits, as `librosa.feature.delta`.

    Such a fit has the same derivative everywhere in its nine frames, so at the edges librosa's `interp`
    repeats the outermost full fit: the first four frames wait for the ninth, the newest four get a
    provisional value that becomes final four frames later.
    """

    def __init__(self) -> None:
        place = np.arange(-DELTA_REACH, DELTA_REACH + 1.0)
        spread = place**2 - np.mean(place**2)
        self._fits = np.stack([place / np.sum(place**2), 2.0 * spread / np.sum(spread**2)])
        self._statics = np.empty((0, MFCC_COUNT), np.float32)
        self._seen = 0

    def step(self, statics: Floats) -> tuple[int, Floats]:
        """Take new static frames (n, 40).

        Returns the number in the stream of the first row, and rows (m, 120): the frames
        whose deltas became final with these, then the newest ones with provisional deltas.
        """
        known = np.concatenate([self._statics, statics])
        first_known = self._seen - len(self._statics)
        first = self._seen - DELTA_REACH if self._seen >= DELTA_WIDTH else 0
        rows = np.concatenate([known, self._derive(known)], axis=1)[first - first_known :]
        self._seen += len(statics)
        self._statics = known[-(DELTA_WIDTH - 1) :]
        return first, rows

    def _derive(self, known: Floats) -> Floats:
        """Both derivatives of each known frame: (n, 80); zero while there are fewer than nine."""
        if len(known) < DELTA_WIDTH:
            return np.zeros((len(known), 2 * MFCC_COUNT), np.float32)
        full = len(known) - DELTA_WIDTH + 1
        spans = known[np.add.outer(np.arange(full), np.arange(DELTA_WIDTH))]
        inner = (self._fits @ spans).reshape(full, -1).astype(np.float32)
        return inner[np.clip(np.arange(len(known)) - DELTA_REACH, 0, full - 1)]
