"""Whose voice it is: the face whose mouth moves with the sound, with hysteresis."""

from __future__ import annotations

import numpy as np

from edge.sync.correlate import Signal, zscored

LEAST_SCORE = 0.5
KEEP_SCORE = 0.35
LEAST_VOICE = 0.2
_SMOOTHING = 0.3


class SpeakerChooser:
    """Keeps a smoothed score per track, 0 … 1, and the track that owns the voice, if any."""

    def __init__(self) -> None:
        self._scores: dict[int, float] = {}
        self.owner: int | None = None

    def step(self, mouths: dict[int, Signal], voice_envelope: Signal, voice: float) -> int | None:
        """One window: `mouths` maps a track to its signal (n,), `voice_envelope` (n,); `voice` = share of speech."""
        for track, mouth in mouths.items():
            score = agreement(mouth, voice_envelope) if voice >= LEAST_VOICE else 0.0
            before = self._scores.get(track, 0.5 if voice >= LEAST_VOICE else 0.0)
            self._scores[track] = before + _SMOOTHING * (score - before)
        self._scores = {track: score for track, score in self._scores.items() if track in mouths}
        self.owner = self._choose() if voice >= LEAST_VOICE else None
        return self.owner

    def _choose(self) -> int | None:
        if not self._scores:
            return None
        best = max(self._scores, key=lambda track: self._scores[track])
        if self.owner in self._scores and self._scores[self.owner] >= max(KEEP_SCORE, self._scores[best] - 0.1):
            return self.owner
        return best if self._scores[best] >= LEAST_SCORE else None

    def score(self, track: int) -> float:
        """How well this mouth agrees with the voice, 0 … 1."""
        return self._scores.get(track, 0.0)


def agreement(mouth: Signal, envelope: Signal) -> float:
    """Logistic of the Pearson correlation over one window: 0.5 at a correlation of 0.15; 0 where either is flat."""
    if len(mouth) != len(envelope):
        return 0.0
    a, b = zscored(mouth), zscored(envelope)
    if a is None or b is None:
        return 0.0
    return float(1.0 / (1.0 + np.exp(-8.0 * (float((a * b).mean()) - 0.15))))
