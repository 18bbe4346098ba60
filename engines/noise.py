"""Noise added to training speech before its features are computed."""

from __future__ import annotations

import numpy as np

from edge.samples import RATE_HZ, Floats


def noisy_copy(samples: Floats, random: np.random.Generator) -> Floats:
    """The utterance at another level (±10 dB) with coloured noise 5 … 30 dB below its loud parts."""
    spectrum = np.fft.rfft(random.standard_normal(len(samples)))
    frequency = np.fft.rfftfreq(len(samples), 1 / RATE_HZ)
    colour = random.uniform(0.0, 1.0)  # 0 is white, 1 falls by 6 dB an octave
    noise = np.fft.irfft(spectrum / np.maximum(frequency, 50.0) ** colour, len(samples))
    loud = np.sqrt(np.quantile(samples.astype(np.float64) ** 2, 0.9) + 1e-12)
    noise *= loud / (np.sqrt(np.mean(noise**2)) + 1e-12) * 10 ** (-random.uniform(5, 30) / 20)
    gain = 10 ** (random.uniform(-10, 10) / 20)
    return np.clip((samples + noise) * gain, -1.0, 1.0).astype(np.float32)
