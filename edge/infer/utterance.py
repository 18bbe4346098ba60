"""Voice evidence over an utterance: at most 10 s of it, forgotten after 1 s of silence."""

from __future__ import annotations

from collections import deque

import numpy as np

from edge.clock import NS_PER_S
from edge.samples import EMOTIONS, Floats

MOST_S = 10.0
LEAST_VOICE = 0.2
# Windows are 1 s long: one with (almost) no speech in it is 1 s of silence.
SILENT_BELOW = 0.05
# From here on an utterance is as sure as its temperature says; it is fitted on utterances of this length and longer.
WHOLE_S = 2.0


class Utterance:
    """Adds up audio-only log-probabilities of consecutive windows with speech."""

    def __init__(self, temperature: float = 1.0) -> None:
        """`temperature` divides the mean log-probability of an utterance's windows (the card's `utterance`).

        Below 1: windows that agree are worth more than one of them.
        """
        self.number = 0
        self._sharpening = 1.0 / temperature - 1.0
        self._evidence: deque[tuple[int, float, Floats]] = deque()
        self._first_ns = 0
        self._last_ns = 0

    def step(self, end_ns: int, voice: float, probabilities: Floats | None) -> Floats | None:
        """One window: its share of speech and its audio-only `probabilities` (7,).

        Returns the utterance's probabilities (7,) so far, or None when no utterance is under way.
        """
        if voice < SILENT_BELOW:
            self._evidence.clear()
        elif voice >= LEAST_VOICE and probabilities is not None:
            if not self._evidence:
                self.number += 1
                self._first_ns = end_ns - round(voice * NS_PER_S)
            self._last_ns = end_ns
            self._evidence.append((end_ns, voice, np.log(np.maximum(probabilities, 1e-6))))
        while self._evidence and self._evidence[0][0] < end_ns - MOST_S * NS_PER_S:
            self._evidence.popleft()
        return self._gathered()

    def _gathered(self) -> Floats | None:
        if not self._evidence:
            return None
        total = np.zeros(len(EMOTIONS))
        weight = 0.0
        for _, voice, logs in self._evidence:
            total += voice * logs
            weight += voice
        gathered = min(1.0, max(0.0, self.seconds - 1.0) / (WHOLE_S - 1.0))
        mean = total / weight * (1.0 + self._sharpening * gathered)
        powers = np.exp(mean - mean.max())
        return np.asarray(powers / powers.sum(), dtype=np.float32)

    @property
    def seconds(self) -> float:
        """How many seconds of the current utterance the evidence covers, 0 … 10."""
        return min(MOST_S, (self._last_ns - self._first_ns) / NS_PER_S) if self._evidence else 0.0
