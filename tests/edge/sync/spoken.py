"""Made-up mouths and voices: paired channels at 100 Hz with a known lag and drift, and the walk over them."""

from __future__ import annotations

import numpy as np

from edge.sync.signals import CHANNEL_COUNT, STEP_NS

SPAN = 1000
BEGUN_NS = 3_600_000_000_000


def syllables(rng, n):
    """Smooth noise of unit variance (n, CHANNEL_COUNT)."""
    kernel = np.hanning(21)
    raw = rng.standard_normal((n + len(kernel) - 1, CHANNEL_COUNT))
    smooth = np.column_stack([np.convolve(column, kernel, "valid")[:n] for column in raw.T])
    return smooth / np.sqrt((kernel**2).sum())


def speech_of(n):
    """Sentences of 3 s with pauses of 1 s."""
    return np.arange(n) % 400 < 300


def pair(rng, seconds, lag_ms=0.0, drift_ppm=0.0, noise=1.0):
    """(mouth, voice, speech): the voice says what the mouth shows `lag_ms` later, and falls behind by `drift_ppm`."""
    n = round(seconds * 100)
    said = syllables(rng, n) * speech_of(n)[:, None]
    at = np.arange(n)
    from_ = at - lag_ms / 10 - drift_ppm * 1e-6 * at
    voice = np.column_stack([np.interp(from_, at, column) for column in said.T])
    mouth = said + noise * syllables(rng, n)
    return mouth, voice + 0.3 * syllables(rng, n), np.interp(from_, at, speech_of(n)) > 0.5


def walk(estimator, mouths, voice, speech, *, every=100, begun_ns=BEGUN_NS):
    """Step as the aligner does, with the last 10 s each second; yields the time in seconds after each step."""
    for end in range(every, len(voice) + 1, every):
        cut = slice(max(0, end - SPAN), end)
        now_ns = begun_ns + (end - 1) * STEP_NS
        estimator.step(now_ns, {track: mouth[cut] for track, mouth in mouths.items()}, voice[cut], speech[cut])
        yield end / 100


def run(estimator, mouths, voice, speech, **how):
    """The whole walk."""
    for _ in walk(estimator, mouths, voice, speech, **how):
        pass
    return estimator
