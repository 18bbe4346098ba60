"""A clip through the device's own objects, step by step and without threads, with the crops behind each window."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.capture.media import chunks, frames, probe
from edge.clock import NS_PER_MS, NS_PER_S
from edge.features.crop import CROP_PX
from edge.features.face import Detector
from edge.features.face_features import FaceFeatures
from edge.features.sound_features import SoundFeatures, joined
from edge.samples import VIDEO_SLOTS, Bools, Chunk, FaceWindow, Floats, Frame, Image, SoundFrames, Window
from edge.sync.aligner import Aligner
from edge.sync.grids import WINDOW_NS

TICK_NS = 200 * NS_PER_MS
_SETTLED_NS = 250 * NS_PER_MS
"""So long after a window's end nothing of it is still under way: the denoiser's look-ahead, a picture in between."""
_REMEMBERED = 256
"""Crops; a window holds at most 20 of one face."""

Encode = Callable[[NDArray[np.uint8]], Floats]


@dataclass(frozen=True)
class Moment:
    """One second of the leading face and of the voice, as the student gets it, and the crops that it was made of."""

    window: Window
    embeddings: Floats
    """(15, E)"""
    video_mask: Bools
    """(15,): all False where no face is."""
    crops: NDArray[np.uint8]
    """(k, 128, 128): the aligned crops that were encoded; a gray one that is in no slot where no face is."""
    weights: Floats
    """(15, k): how much of each crop's embedding is in each slot (the device interpolates in time)."""
    speaking: bool
    """Whether the daemon thinks that this face speaks: only then does it fuse both."""

    @property
    def end_s(self) -> float:
        """Where the window ends, in seconds from the clip's start."""
        return self.window.end_ns / NS_PER_S

    @property
    def begin_s(self) -> float:
        """Where it begins: a clip of less than a second fills the end of its only window."""
        return max(0.0, self.end_s - 1.0)

    @property
    def has_face(self) -> bool:
        """Whether any slot holds a face."""
        return bool(self.video_mask.any())


class _Eyes:
    """Encodes crops and remembers them: behind each embedding stands a row that says which crop it is."""

    def __init__(self, encode: Encode) -> None:
        self._encode = encode
        self.crops = np.zeros((_REMEMBERED, CROP_PX, CROP_PX), np.uint8)
        self._count = 0

    def __call__(self, crops: Image) -> Floats:
        """Embeddings (n, E + _REMEMBERED)."""
        places = np.arange(self._count, self._count + len(crops)) % _REMEMBERED
        self._count += len(crops)
        self.crops[places] = crops
        return np.concatenate([self._encode(crops), np.eye(_REMEMBERED, dtype=np.float32)[places]], axis=1)


class ClipWalk:
    """Steps one clip; afterwards `quiet` has its sound features for a background."""

    def __init__(self, clip: Path, encode: Encode, embedding_size: int, detector: Detector) -> None:
        self._info = probe(clip)
        self._clip, self._size = clip, embedding_size
        self._eyes = _Eyes(encode)
        self._faces = FaceFeatures(detector, self._eyes)
        self._sound = SoundFeatures()
        self._aligner = Aligner()
        self._aligner.expect_video, self._aligner.expect_sound = self._info.has_video, self._info.has_audio
        self._heard: list[SoundFrames] = []
        self._tick = round(WINDOW_NS / TICK_NS)

    def moments(self) -> Iterator[Moment]:
        """Every 200 ms the window that ends there, from the first whole second on; of a shorter clip the only one.

        Raises UsageError when the clip cannot be read.
        """
        now_ns, told = 0, False
        for now_ns, item in self._items():
            if isinstance(item, Frame):
                self._aligner.add_faces(self._faces.step(item))
            else:
                self._hear(self._sound.step(item))
            for end_ns in self._ticks(now_ns - _SETTLED_NS):
                told = True
                yield self._moment(end_ns)
        self._hear(self._sound.finish())
        for end_ns in self._ticks(now_ns):
            told = True
            yield self._moment(end_ns)
        if not told:
            yield self._moment(now_ns)

    def sound(self) -> SoundFrames:
        """All sound frames so far."""
        return joined(self._heard, 0.0)

    def _items(self) -> Iterator[tuple[int, Frame | Chunk]]:
        """Both streams in the order in which they would have come."""
        pictures: Iterator[tuple[int, Frame | Chunk]] = iter(())
        sounds: Iterator[tuple[int, Frame | Chunk]] = iter(())
        if self._info.has_video:
            pictures = ((frame.t_ns, frame) for frame in frames(self._clip))
        if self._info.has_audio:
            sounds = ((chunk.end_ns, chunk) for chunk in chunks(self._clip))
        return heapq.merge(pictures, sounds, key=lambda entry: entry[0])

    def _hear(self, run: SoundFrames | None) -> None:
        if run is not None:
            self._aligner.add_sound(run)
            self._heard.append(run)

    def _ticks(self, until_ns: int) -> Iterator[int]:
        while self._tick * TICK_NS <= until_ns:
            end_ns = self._tick * TICK_NS
            if self._tick % 5 == 0:
                self._aligner.estimate_lag(end_ns)
            yield end_ns
            self._tick += 1

    def _moment(self, end_ns: int) -> Moment:
        window = self._aligner.window(self._tick, end_ns, end_ns)
        # The face that owns the voice, else the largest one (they come in that order).
        face = next((one for one in window.faces if one.speaking), window.faces[0] if window.faces else None)
        if face is None or not face.mask.any():
            empty = np.zeros((VIDEO_SLOTS, self._size), np.float32)
            gray = np.full((1, CROP_PX, CROP_PX), 128, np.uint8)
            return Moment(window, empty, np.zeros(len(empty), np.bool_), gray, empty[:, :1], speaking=False)
        return self._with_face(window, face)

    def _with_face(self, window: Window, face: FaceWindow) -> Moment:
        weights = face.embeddings[:, self._size :] * face.mask[:, None]
        used = np.flatnonzero(weights.any(axis=0))
        return Moment(
            window=window,
            embeddings=face.embeddings[:, : self._size],
            video_mask=face.mask,
            crops=self._eyes.crops[used].copy(),
            weights=weights[:, used],
            speaking=face.speaking,
        )
