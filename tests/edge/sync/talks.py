"""Made-up paired channels: mouths that talk, chew or listen, and voices, at 100 Hz."""

from __future__ import annotations

import numpy as np

from edge.sync.signals import CHANNEL_COUNT

TICK_NS = 200_000_000
PAUSE = -9.0
"""What the voice's first channel is without speech."""


def talk(rng, seconds, noise=0.8):
    """(mouth, voice), both (n, CHANNEL_COUNT): syllables of about 200 ms, the mouth with noise of its own."""
    n = round(seconds * 100)
    syllables = np.column_stack([_syllables(rng, n) for _ in range(CHANNEL_COUNT)])
    mouth = syllables + noise * np.column_stack([_syllables(rng, n) for _ in range(CHANNEL_COUNT)])
    mouth[:, 2] = -2.1 + 0.2 * mouth[:, 2]
    return mouth, syllables


def listening(rng, seconds):
    """A mouth that does nothing but be seen."""
    n = round(seconds * 100)
    mouth = 0.05 * rng.standard_normal((n, CHANNEL_COUNT))
    mouth[:, 2] = -2.9 + 0.1 * rng.standard_normal(n)
    return mouth


def quiet(seconds):
    """A voice that says nothing."""
    return np.full((round(seconds * 100), CHANNEL_COUNT), PAUSE)


def voiced(voice):
    """Where a made-up voice speaks, (n,)."""
    return voice[:, 0] > PAUSE


def _syllables(rng, n):
    """Smooth noise of unit variance."""
    smooth = np.convolve(rng.standard_normal(n + 24), np.hanning(25), "valid")[:n]
    return smooth / smooth.std() if n > 1 else smooth
