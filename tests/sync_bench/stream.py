"""A person before a camera and a microphone: clips joined end to end, as feature frames with known truth."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import cycle

import numpy as np
from numpy.typing import NDArray

from edge.capture.media import load_sound
from edge.clock import NS_PER_MS, NS_PER_S
from edge.features.sound_features import SoundFeatures
from edge.samples import RATE_HZ, Chunk, FaceFrame, Floats, SoundFrames
from tests.sync_bench.clips import Clip

CHUNK_SAMPLES = RATE_HZ // 50
SPEECH = 0.5
_LOOKED_AT_NS = 30 * NS_PER_MS
_HEARD_NS = 20 * NS_PER_MS
_HALF_ANALYSIS_NS = 15 * NS_PER_MS


@dataclass(frozen=True)
class Stream:
    """What reaches the aligner. The sound comes `shift_ms` late, and `ppm` later with each second."""

    faces: list[FaceFrame]
    sound: list[SoundFrames]
    speech_ns: NDArray[np.int64]
    """Stamps of the 10 ms in which the clean sound holds speech."""
    shift_ms: float = 0.0
    ppm: float = 0.0

    def shifted(self, shift_ms: float, ppm: float = 0.0) -> Stream:
        """The same with the sound's stamps moved and stretched; the picture is left alone."""

        def moved(t_ns: NDArray[np.int64]) -> NDArray[np.int64]:
            later_ns: NDArray[np.int64] = np.rint(t_ns * ppm * 1e-6).astype(np.int64) + round(shift_ms * NS_PER_MS)
            return t_ns + later_ns

        sound = [_ready(replace(run, t_ns=moved(run.t_ns))) for run in self.sound]
        return Stream(self.faces, sound, moved(self.speech_ns), self.shift_ms + shift_ms, self.ppm + ppm)

    def after(self, t_ns: int) -> Stream:
        """What is captured from then on."""
        faces = [frame for frame in self.faces if frame.t_ns >= t_ns]
        sound = [run for run in self.sound if run.t_ns[0] >= t_ns]
        return replace(self, faces=faces, sound=sound)

    def true_lag_ms(self, t_ns: int) -> float:
        """How much later than the picture the sound is at a moment, beside the person's own constant."""
        return self.shift_ms + t_ns / NS_PER_MS * self.ppm * 1e-6

    def speech_s(self, t_ns: int) -> float:
        """Seconds of speech until then."""
        return float(np.searchsorted(self.speech_ns, t_ns, side="right")) / 100.0


@dataclass(frozen=True)
class Piece:
    """One clip on the joined time."""

    clip: Clip
    begin_ns: int
    end_ns: int


def joined(clips: Sequence[Clip], seconds: float | None = None) -> list[Piece]:
    """The clips end to end, once or again and again until `seconds` are full. Pieces lie on the 20 ms of chunks."""
    pieces: list[Piece] = []
    end_ns = 0
    for clip in clips if seconds is None else cycle(clips):
        begin_ns, end_ns = end_ns, end_ns + length_ns(clip)
        pieces.append(Piece(clip, begin_ns, end_ns))
        if seconds is not None and end_ns >= seconds * NS_PER_S:
            break
    return pieces


def picture(pieces: Iterable[Piece], see: Callable[[Clip], list[FaceFrame]]) -> list[FaceFrame]:
    """The faces of joined clips; between two clips nobody is seen until the face is found again."""
    return [
        looked_at(replace(frame, t_ns=frame.t_ns + piece.begin_ns))
        for piece in pieces
        for frame in see(piece.clip)
        if 0 <= frame.t_ns < piece.end_ns - piece.begin_ns
    ]


def waves(pieces: Iterable[Piece]) -> Floats:
    """The samples of joined clips, from the first piece's begin."""
    return np.concatenate([samples(piece.clip)[: _count(piece.end_ns - piece.begin_ns)] for piece in pieces])


def looked_at(frame: FaceFrame) -> FaceFrame:
    """Ready a little after its moment, as on the device."""
    return replace(frame, ready_ns=frame.t_ns + _LOOKED_AT_NS)


def hear(wave: Floats, lost: frozenset[int] = frozenset(), jitter_ms: float = 0.0) -> list[SoundFrames]:
    """Sound from 0 on through SoundFeatures in chunks of 20 ms, without the chunks whose numbers are in `lost`."""
    features, random, runs = SoundFeatures(), np.random.default_rng(5), []
    for number in range(len(wave) // CHUNK_SAMPLES):
        off_ns = round(random.normal() * jitter_ms * NS_PER_MS)
        if number in lost:
            continue
        t_ns = number * CHUNK_SAMPLES * NS_PER_S // RATE_HZ + off_ns
        chunk = Chunk(t_ns, t_ns, number, wave[number * CHUNK_SAMPLES : (number + 1) * CHUNK_SAMPLES])
        runs.append(features.step(chunk))
    return [_ready(run) for run in runs if run is not None]


def speech_stamps(runs: Iterable[SoundFrames]) -> NDArray[np.int64]:
    """Stamps of the 10 ms that hold speech."""
    return np.unique(np.concatenate([run.t_ns[run.voice >= SPEECH] for run in runs]))


@lru_cache(maxsize=64)
def samples(clip: Clip) -> Floats:
    """The sound of a clip from the file's zero on."""
    start_ns, wave = load_sound(clip.path)
    return np.concatenate([np.zeros(_count(max(start_ns, 0)), np.float32), wave])


def length_ns(clip: Clip) -> int:
    """As long as both picture and sound are there, in whole chunks."""
    count = len(samples(clip)) // CHUNK_SAMPLES
    return count * CHUNK_SAMPLES * NS_PER_S // RATE_HZ


def _count(span_ns: int) -> int:
    return round(span_ns * RATE_HZ / NS_PER_S)


def _ready(run: SoundFrames) -> SoundFrames:
    return replace(run, ready_ns=int(run.t_ns[-1]) + _HALF_ANALYSIS_NS + _HEARD_NS)
