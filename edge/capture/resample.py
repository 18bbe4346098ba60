"""Sound of any rate and any number of channels, turned into 16 kHz mono as it streams.

FFmpeg's swresample (through PyAV, which reads the files anyway) is used rather than scipy: it keeps its filter's
state from one run to the next, and its output is aligned with its input, so stamps stay true.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from edge.samples import RATE_HZ, Floats


class Resampler:
    """Mono float32 at `rate_hz` in, at RATE_HZ out. Output sample k is the sound at k / RATE_HZ after input sample 0.

    A little (1 ms) is held back until the next `push` or `flush`. At RATE_HZ samples pass through untouched.
    """

    def __init__(self, rate_hz: int) -> None:
        self.rate_hz = rate_hz
        self.taken = 0
        """Input samples so far, at `rate_hz`."""
        self.given = 0
        """Output samples so far, at RATE_HZ."""
        self._swr = None if rate_hz == RATE_HZ else av.AudioResampler(format="flt", layout="mono", rate=RATE_HZ)

    def push(self, samples: Floats) -> Floats:
        """Convert one run of samples (n,); the result may be empty."""
        if len(samples) == 0:
            return np.zeros(0, np.float32)
        if self._swr is None:
            out = samples
        else:
            frame = av.AudioFrame.from_ndarray(samples[np.newaxis], format="flt", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = self.rate_hz, self.taken, Fraction(1, self.rate_hz)
            out = _joined(self._swr.resample(frame))
        self.taken += len(samples)
        self.given += len(out)
        return out

    def flush(self) -> Floats:
        """The rest, at the end of the stream."""
        out = np.zeros(0, np.float32) if self._swr is None else _joined(self._swr.resample(None))
        self.given += len(out)
        return out


def mono(samples: NDArray[Any]) -> Floats:
    """PCM (channels, n) of any integer or float type as float32 (n,) in -1 … 1: the mean of the channels.

    The plain mean cannot clip; swresample's own downmix of float sound can (+3 dB). NaN becomes silence.
    """
    if samples.dtype == np.uint8:
        scaled = (samples.astype(np.float32) - 128.0) / 128.0
    elif np.issubdtype(samples.dtype, np.integer):
        scaled = samples.astype(np.float32) / -float(np.iinfo(samples.dtype).min)
    else:
        scaled = np.nan_to_num(samples.astype(np.float32), nan=0.0, posinf=1.0, neginf=-1.0)
    mixed: Floats = scaled.mean(axis=0, dtype=np.float32)
    return np.clip(mixed, -1.0, 1.0)


def _joined(frames: list[Any]) -> Floats:
    if not frames:
        return np.zeros(0, np.float32)
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.float32, copy=False)
