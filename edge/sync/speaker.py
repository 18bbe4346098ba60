"""Whose voice it is: the face whose mouth moves with the sound, with hysteresis."""

from __future__ import annotations

import numpy as np

from edge.samples import Bools
from edge.sync.correlate import zscored
from edge.sync.signals import Channels

LEAST_SCORE = 0.5
KEEP_SCORE = 0.35
LEAST_VOICE = 0.2
SPEAKER_SPAN_S = 1.0
_SMOOTHING = 0.3


class SpeakerChooser:
    """Keeps a smoothed score per track, 0 … 1, and the track that owns the voice, if any."""

    def __init__(self) -> None:
        self._scores: dict[int, float] = {}
        self.owner: int | None = None

    def step(self, now_ns: int, mouths: dict[int, Channels], voice: Channels, speech: Bools) -> int | None:
        """The last SPEAKER_SPAN_S, which end at `now_ns`: `mouths` of each track and `voice` (n, C), `speech` (n,)."""
        speaks = len(speech) > 0 and float(speech.mean()) >= LEAST_VOICE
        for track, mouth in mouths.items():
            score = agreement(mouth, voice) if speaks else 0.0
            before = self._scores.get(track, 0.5 if speaks else 0.0)
            self._scores[track] = before + _SMOOTHING * (score - before)
        self._scores = {track: score for track, score in self._scores.items() if track in mouths}
        self.owner = self._choose() if speaks else None
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


def agreement(mouth: Channels, voice: Channels) -> float:
    """Logistic of the correlation of motion and level: 0.5 at 0.15; 0 where either is flat or unknown."""
    known = np.isfinite(mouth[:, 0]) & np.isfinite(voice[:, 0])
    a, b = zscored(mouth[known, 0]), zscored(voice[known, 0])
    if a is None or b is None:
        return 0.0
    return float(1.0 / (1.0 + np.exp(-8.0 * (float((a * b).mean()) - 0.15))))
