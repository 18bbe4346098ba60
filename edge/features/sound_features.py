"""Each 10 ms of sound once: level, voice, denoising, MFCC with deltas, each with its moment."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from edge.features.denoise import Denoiser
from edge.features.level import QUIETEST_DB, SLOT_SAMPLES, LevelMeter
from edge.features.mfcc import HOP_SAMPLES, WINDOW_SAMPLES, Deltas, Mfcc
from edge.features.timeline import Timeline
from edge.features.voice import BLOCK_SAMPLES, VoiceDetector
from edge.samples import FEATURE_SIZE, RATE_HZ, Chunk, Floats, SoundFrames

_CENTRE_SAMPLES = WINDOW_SAMPLES // 2
_KEPT_FRAMES = 32


def clean(samples: Floats) -> Floats:
    """Finite samples in -1 … 1; NaN becomes silence."""
    if not np.isfinite(samples).all():
        samples = np.nan_to_num(samples, nan=0.0, posinf=1.0, neginf=-1.0)
    # np.clip takes five times as long for 160 samples
    return np.minimum(np.maximum(samples, -1.0), 1.0).astype(np.float32)


class _Track:
    """The newest values of a sequence, found by their number since the stream's start."""

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._values: NDArray[np.float64] = np.empty(0)
        self.count = 0

    def add(self, values: NDArray[np.float64] | NDArray[np.float32] | NDArray[np.int64]) -> None:
        self._values = np.concatenate([self._values, values])[-(self._kept + len(values)) :]
        self.count += len(values)

    def at(self, numbers: NDArray[np.int64], *, empty: float) -> NDArray[np.float64]:
        """The values of these numbers; the nearest one for numbers outside."""
        if not self.count:
            return np.full(len(numbers), empty)
        first = self.count - len(self._values)
        return self._values[np.minimum(np.maximum(numbers - first, 0), len(self._values) - 1)]


class SoundFeatures:
    """Chunks in, feature frames out; the result does not depend on how the stream was cut into chunks."""

    def __init__(self, *, denoise: bool = True) -> None:
        self._denoiser = Denoiser() if denoise else None
        self._detector = VoiceDetector()
        self._quietest_db = 0.0
        self._begin(0)

    @property
    def noise_db(self) -> float:
        """Level of the noise in 100–4000 Hz, dBFS; until some was heard, the quietest 10 ms so far."""
        if self._denoiser is not None and self._denoiser.profile.known:
            return self._denoiser.profile.level_db
        return self._quietest_db if self._samples else QUIETEST_DB

    def reset(self) -> None:
        """Forget the stream; the next chunk starts a new one. The noise profile of the room stays."""
        self._begin(0)

    def step(self, chunk: Chunk) -> SoundFrames | None:
        """Take the next chunk (any length).

        Returns the frames that became final or are provisional now, None while there is none.
        A stamp more than 30 ms off starts a new stream: no frame spans a gap.
        """
        if not len(chunk.samples):
            return None
        if not self._samples or self._timeline.is_gap(self._samples, chunk.t_ns):
            self._begin(chunk.t_ns)
        else:
            self._timeline.correct(self._samples, chunk.t_ns)
        return self._analyse(clean(chunk.samples))

    def finish(self) -> SoundFrames | None:
        """End the stream (of a file): the frames that waited for the denoiser; all deltas sent so far are final now."""
        left = self._denoiser.finish() if self._denoiser is not None else np.empty(0, np.float32)
        frames = self._frames(left)
        self.reset()
        return frames

    def _begin(self, t_ns: int) -> None:
        self._timeline = Timeline(t_ns)
        self._samples = 0
        self._level = LevelMeter()
        self._mfcc = Mfcc()
        self._deltas = Deltas()
        self._levels = _Track(_KEPT_FRAMES)
        self._voices = _Track(_KEPT_FRAMES)
        self._moments = _Track(_KEPT_FRAMES)
        self._detector.reset()
        if self._denoiser is not None:
            self._denoiser.restart()

    def _analyse(self, samples: Floats) -> SoundFrames | None:
        """Finite samples through every step."""
        levels = self._level.step(samples)
        voice = self._detector.step(samples)
        denoised = samples if self._denoiser is None else self._denoiser.step(samples, voice)
        self._samples += len(samples)
        self._quietest_db = min(self._quietest_db, float(levels.min(initial=0.0)))
        self._levels.add(levels)
        self._voices.add(voice)
        return self._frames(denoised)

    def _frames(self, denoised: Floats) -> SoundFrames | None:
        statics = self._mfcc.step(denoised)
        if not len(statics):
            return None
        new = self._moments.count + np.arange(len(statics))
        self._moments.add(self._timeline.t_ns(new * HOP_SAMPLES + _CENTRE_SAMPLES))
        first, rows = self._deltas.step(statics)
        numbers = first + np.arange(len(rows))
        centres = numbers * HOP_SAMPLES + _CENTRE_SAMPLES
        return SoundFrames(
            ready_ns=time.monotonic_ns(),
            t_ns=self._moments.at(numbers, empty=0.0).astype(np.int64),
            features=rows,
            level_db=self._levels.at(centres // SLOT_SAMPLES, empty=QUIETEST_DB).astype(np.float32),
            voice=self._voices.at(centres // BLOCK_SAMPLES, empty=0.0).astype(np.float32),
            noise_db=self.noise_db,
        )


def sound_matrix(samples: Floats, *, denoise: bool = True) -> SoundFrames:
    """The features of a whole recording (float32 mono at RATE_HZ, (n,)), by the very objects of the live stream.

    Returns 1 + (n - 480) // 160 frames (none for less than 30 ms), stamps from 0, all deltas final.
    """
    features = SoundFeatures(denoise=denoise)
    runs: list[SoundFrames | None] = []
    for begin in range(0, len(samples), RATE_HZ):
        t_ns = begin * 1_000_000_000 // RATE_HZ
        runs.append(features.step(Chunk(t_ns, t_ns, len(runs), samples[begin : begin + RATE_HZ])))
    noise_db = features.noise_db
    runs.append(features.finish())
    return joined([run for run in runs if run is not None], noise_db)


def joined(runs: list[SoundFrames], noise_db: float) -> SoundFrames:
    """Runs of one stream as one: of frames sent twice, the finished one."""
    t_ns = np.concatenate([np.empty(0, np.int64), *(run.t_ns for run in runs)])
    # the last of equal stamps: unique keeps the first, so look from behind
    _, from_end = np.unique(t_ns[::-1], return_index=True)
    last = len(t_ns) - 1 - from_end
    return SoundFrames(
        ready_ns=time.monotonic_ns(),
        t_ns=t_ns[last],
        features=np.concatenate([np.empty((0, FEATURE_SIZE), np.float32), *(run.features for run in runs)])[last],
        level_db=np.concatenate([np.empty(0, np.float32), *(run.level_db for run in runs)])[last],
        voice=np.concatenate([np.empty(0, np.float32), *(run.voice for run in runs)])[last],
        noise_db=noise_db,
    )
