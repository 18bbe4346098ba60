"""Feeds from a clip: what the device makes of it, and the cases that one clip of one face does not show by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from edge.features.crop import CROP_PX
from edge.features.face import make_detector
from edge.features.sound_features import sound_matrix
from edge.infer.engine import Engine
from edge.samples import FEATURE_SIZE, RATE_HZ, VIDEO_SLOTS, WINDOW_FRAMES, Floats
from engines.clip_walk import ClipWalk, Moment
from engines.parity.feeds import ParityFeeds, Row

MOST_MOMENTS = 60
FACES_AT_MOST = 8
_NOWHERE = np.empty(0, np.int64)


def clip_feeds(clip: Path, face: Engine, embedding_size: int, most: int = MOST_MOMENTS) -> ParityFeeds:
    """Feeds from at most `most` windows of `clip`, evenly spread.

    `face` (active) is only there because the device's own code encodes as it goes.
    Raises UsageError for a clip that cannot be read, ConfigError where no face detector is installed.
    """

    def encode(crops: np.ndarray) -> Floats:
        return np.asarray(face.infer({"crops": crops[:, None].astype(np.float32)})["embeddings"], np.float32)

    moments = list(ClipWalk(clip, encode, embedding_size, make_detector()).moments())
    step = max(1, -(-len(moments) // most))
    return moment_feeds(moments[::step], clip.name)


def moment_feeds(moments: Sequence[Moment], source: str) -> ParityFeeds:
    """The rows that the device would make of these moments, and of those that it might meet."""
    known: dict[bytes, int] = {}
    faces = [_Sight.of(moment, known) for moment in moments]
    sounds = [_Sound.of(moment) for moment in moments]
    crops = np.frombuffer(b"".join(known), np.uint8).reshape(-1, CROP_PX, CROP_PX)
    return ParityFeeds(crops, tuple(_rows(faces, sounds)), source)


@dataclass(frozen=True)
class _Sight:
    places: np.ndarray
    weights: Floats
    mask: Floats

    @classmethod
    def of(cls, moment: Moment, known: dict[bytes, int]) -> _Sight:
        """`known` has the place of every crop so far: windows overlap, so that most crops are in several."""
        places = np.array([known.setdefault(crop.tobytes(), len(known)) for crop in moment.crops], np.int64)
        return cls(places, moment.weights.astype(np.float32), moment.video_mask.astype(np.float32))

    @classmethod
    def nobody(cls) -> _Sight:
        return cls(_NOWHERE, np.zeros((VIDEO_SLOTS, 0), np.float32), np.zeros(VIDEO_SLOTS, np.float32))

    def kept(self, slots: np.ndarray) -> _Sight:
        """Only some slots, the others empty as the aligner leaves them."""
        return _Sight(self.places, self.weights * slots[:, None], self.mask * slots)

    def unseen(self) -> _Sight:
        """Masked, the embeddings still there."""
        return replace(self, mask=np.zeros(VIDEO_SLOTS, np.float32))


@dataclass(frozen=True)
class _Sound:
    features: Floats
    mask: Floats

    @classmethod
    def of(cls, moment: Moment) -> _Sound:
        return cls(moment.window.sound.astype(np.float32), moment.window.sound_mask.astype(np.float32))

    @classmethod
    def none(cls) -> _Sound:
        return cls(np.zeros((WINDOW_FRAMES, FEATURE_SIZE), np.float32), np.zeros(WINDOW_FRAMES, np.float32))

    @classmethod
    def silence(cls) -> _Sound:
        """A second from the middle of digital silence."""
        features = sound_matrix(np.zeros(3 * RATE_HZ, np.float32)).features
        return cls(features[100 : 100 + WINDOW_FRAMES], np.ones(WINDOW_FRAMES, np.float32))

    def kept(self, frames: np.ndarray) -> _Sound:
        return _Sound(self.features * frames[:, None], self.mask * frames)

    def unheard(self) -> _Sound:
        return replace(self, mask=np.zeros(WINDOW_FRAMES, np.float32))


def _row(sight: _Sight, sound: _Sound, case: str) -> Row:
    return Row(sight.places, sight.weights, sight.mask, sound.features, sound.mask, case)


def _rows(faces: Sequence[_Sight], sounds: Sequence[_Sound]) -> Iterator[Row]:
    random = np.random.default_rng(0)
    silence = _Sound.silence()
    for number, (face, sound) in enumerate(zip(faces, sounds, strict=True)):
        if face.mask.any() and sound.mask.any():
            yield _row(face, sound, "face and voice")
        if face.mask.any():
            yield _row(face, sound.unheard(), "face alone")
            yield _row(face, silence, "silence")
            slots = (random.random(VIDEO_SLOTS) < 0.5).astype(np.float32)
            frames = (np.arange(WINDOW_FRAMES) >= random.integers(10, 90)).astype(np.float32)
            yield _row(face.kept(slots), sound.kept(frames), "partly masked")
        if sound.mask.any():
            yield _row(face.unseen(), sound, "voice alone")
            yield _row(_Sight.nobody(), sound, "no face")
        if number % 5 == 0:
            yield from _company(faces, sound, number)
    yield _row(_Sight.nobody(), _Sound.none(), "empty")


def _company(faces: Sequence[_Sight], sound: _Sound, number: int) -> Iterable[Row]:
    """The 3n + 1 rows of a window in which the same voice meets 2 … 8 faces: those of other moments."""
    seen = [face for face in faces if face.mask.any()]
    n = min(len(seen), 2 + number // 5 % (FACES_AT_MOST - 1))
    for step in range(n):
        face = seen[(number + step * len(seen) // n) % len(seen)]
        yield _row(face, sound, "several faces")
        yield _row(face.unseen(), sound, "several faces")
        yield _row(face, sound.unheard(), "several faces")
    yield _row(_Sight.nobody(), sound, "several faces")
