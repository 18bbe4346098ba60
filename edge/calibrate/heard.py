"""Claps in a sound: sudden, broad in frequency, and soon gone."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from edge.samples import RATE_HZ, Floats

Powers = NDArray[np.float64]

BANDS_HZ = ((600.0, 1500.0), (1500.0, 3500.0), (3500.0, 7000.0))
"""A clap rises in all three at once; the vowels of speech miss the highest, its fricatives the lowest."""
RISE_DB = 7.0
"""Least rise, mean of the bands: the 8 ms around the loudest one over the 40 ms before."""
LEAST_RISE_DB = 2.5
"""Least rise of each band alone: somebody may be speaking in one of them."""
DECAY_DB = 8.0
"""Least fall from the loudest millisecond to 60 … 100 ms after it."""
BELOW_LOUDEST_DB = 15.0
"""What is so much weaker than the loudest clap is an echo or something that was dropped."""
APART_MS = 300
"""Nobody claps faster on purpose; echoes and rattling come sooner."""
QUIETEST_DB = -55.0

_STEP = RATE_HZ // 1000
_BEFORE_MS, _AFTER_MS = 60, 110
_HOLD = 16
"""Samples over which the amplitude is held: a wave's zero crossings are no pauses."""
_FLOOR = 1e-10


def heard_claps(samples: Floats) -> list[tuple[int, float]]:
    """The number of each clap's first sample in `samples` (n,) at RATE_HZ, and its level in dBFS; in order."""
    if len(samples) < (_BEFORE_MS + _AFTER_MS) * _STEP:
        return []
    bands = np.asarray([_power(samples, band) for band in BANDS_HZ])
    total = bands.sum(axis=0)
    claps = [
        (onset, float(_db(total[peak])))
        for peak in _peaks(total)
        if (onset := _onset(samples, bands, peak)) is not None
    ]
    loudest = max((level for _, level in claps), default=0.0)
    return [(onset, level) for onset, level in claps if level >= loudest - BELOW_LOUDEST_DB]


def _power(samples: Floats, band_hz: tuple[float, float]) -> Powers:
    """Mean square in the band for each millisecond: (n,)."""
    sos = butter(2, band_hz, "bandpass", fs=RATE_HZ, output="sos")
    filtered = sosfiltfilt(sos, samples.astype(np.float64))
    whole = len(filtered) // _STEP
    return np.asarray(np.mean(filtered[: whole * _STEP].reshape(whole, _STEP) ** 2, axis=1)) + _FLOOR


def _peaks(total: Powers) -> list[int]:
    """Milliseconds that are the loudest far around, loudest first decides; in order."""
    inside = np.arange(len(total))
    allowed = (inside >= _BEFORE_MS) & (inside < len(total) - _AFTER_MS) & (total >= 10 ** (QUIETEST_DB / 10))
    found: list[int] = []
    left = np.where(allowed, total, 0.0)
    while left.max() > 0:
        peak = int(left.argmax())
        found.append(peak)
        left[max(0, peak - APART_MS) : peak + APART_MS] = 0.0
    return sorted(found)


def _onset(samples: Floats, bands: Powers, peak: int) -> int | None:
    """The first sample of the clap whose loudest millisecond is `peak`; None when it is none."""
    total = bands.sum(axis=0)
    rises = _db(bands[:, peak - 2 : peak + 6].mean(axis=1)) - _db(bands[:, peak - 45 : peak - 5].mean(axis=1))
    fall = _db(total[peak]) - _db(total[peak + 60 : peak + 100].mean())
    if rises.mean() < RISE_DB or rises.min() < LEAST_RISE_DB or fall < DECAY_DB:
        return None
    return _first_sample(samples, peak)


def _first_sample(samples: Floats, peak: int) -> int:
    """Back from the peak to where the amplitude came out of what was before."""
    begin, end = (peak - 25) * _STEP, (peak + 1) * _STEP
    amplitude = np.abs(np.asarray(samples[begin:end], np.float64))
    envelope = sliding_window_view(amplitude, _HOLD).max(axis=1)
    quiet = float(np.quantile(envelope[: 15 * _STEP], 0.9))
    threshold = quiet + 0.3 * max(0.0, float(envelope.max()) - quiet)
    loudest = int(envelope.argmax())
    below = np.flatnonzero(envelope[:loudest] <= threshold)
    return begin + (int(below[-1]) + _HOLD if len(below) else 0)


def _db(power: NDArray[np.float64] | float) -> NDArray[np.float64]:
    return np.asarray(10.0 * np.log10(np.maximum(power, _FLOOR)))
