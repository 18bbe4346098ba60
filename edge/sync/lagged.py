"""Weighted sums of products of a mouth's and a voice's channels at every lag, for correlations that grow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge.samples import Bools
from edge.sync.signals import CHANNEL_COUNT, CHANNEL_WEIGHTS, SIGNAL_RATE_HZ, Channels, Signal, measurable, widened

MOST_LAG = SIGNAL_RATE_HZ
"""±1 s, in points: USB cameras and microphones are up to 900 ms apart."""
LAG_COUNT = 2 * MOST_LAG + 1
_SLOW_POINTS = 200
_AROUND_SPEECH = 30
_LEAST_POINTS = 50


@dataclass(frozen=True)
class Swings:
    """Channels without their slow part (n, C), zero where nothing is known, and each point's weight (n,)."""

    values: Channels
    weight: Signal

    def until(self, end: int) -> Swings:
        """The points before `end`."""
        return Swings(self.values[:end], self.weight[:end])


def swings(channels: Channels, wanted: Bools | None = None) -> Swings:
    """What is left of `channels` when the mean of the 2 s around is taken off; points that are not `wanted` weigh 0."""
    known = measurable(channels)
    filled = np.where(known[:, None], channels, 0.0)
    slow = _moving_sum(filled) / np.maximum(_moving_sum(known[:, None].astype(np.float64)), 1.0)
    weight = known if wanted is None else known & wanted
    return Swings(np.where(known[:, None], filled - slow, 0.0), weight.astype(np.float64))


def around(speech: Bools) -> Bools:
    """The points within 0.3 s of speech: how it sets in and ends tells more than its middle."""
    return widened(speech, _AROUND_SPEECH)


def _moving_sum(values: Channels) -> Channels:
    """Sum over the _SLOW_POINTS around each point, fewer at the ends."""
    total = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    at = np.arange(len(values))
    first, last = np.maximum(at - _SLOW_POINTS // 2, 0), np.minimum(at + _SLOW_POINTS // 2 + 1, len(values))
    return np.asarray(total[last] - total[first])


class LaggedSums:
    """Gathers pairs of points (mouth[i], voice[i + lag]), lags up to ±MOST_LAG; each pair must come only once."""

    def __init__(self) -> None:
        self._count = np.zeros(LAG_COUNT)
        # Of the mouth, of the voice, of their squares, of their product.
        self._sums = np.zeros((5, CHANNEL_COUNT, LAG_COUNT))

    def add(self, mouth: Swings, voice: Swings, first: int) -> None:
        """The pairs whose later point is at `first` or after."""
        known, spoken = _padded(mouth.weight), _padded(voice.weight)
        self._count += _products(known, spoken, first)
        for k in range(CHANNEL_COUNT):
            seen, heard = _padded(mouth.values[:, k]) * known, _padded(voice.values[:, k]) * spoken
            pairs = ((seen, spoken), (known, heard), (seen * seen, spoken), (known, heard * heard), (seen, heard))
            for row, (a, b) in zip(self._sums, pairs, strict=True):
                row[k] += _products(a, b, first)

    @property
    def seconds(self) -> float:
        """How much speech went in, at lag 0."""
        return float(self._count[MOST_LAG]) / SIGNAL_RATE_HZ

    @property
    def curve(self) -> Signal:
        """Pearson correlation at every lag (LAG_COUNT,), the channels' weighted mean; 0 where too little is known."""
        mouth, voice, mouth_square, voice_square, product = self._sums / np.maximum(self._count, 1.0)
        power = np.maximum(mouth_square - mouth**2, 0.0) * np.maximum(voice_square - voice**2, 0.0)
        r = np.where(power > 1e-18, (product - mouth * voice) / np.sqrt(np.maximum(power, 1e-18)), 0.0)
        return np.where(self._count >= _LEAST_POINTS, CHANNEL_WEIGHTS @ r, 0.0)


def _padded(values: Signal) -> Signal:
    return np.concatenate([np.zeros(MOST_LAG), values])


def _products(seen: Signal, heard: Signal, first: int) -> Signal:
    """Sums of seen[i] · heard[i + lag] over the pairs whose later point is at `first` or after (both padded)."""
    sound_later = np.correlate(seen[first:], heard[MOST_LAG + first :], "valid")
    sound_sooner = np.correlate(heard[first:], seen[MOST_LAG + first :], "valid")
    return np.concatenate([sound_sooner[:-1], sound_later[::-1]])
