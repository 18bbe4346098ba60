"""Two people side by side in one picture, of whom one is heard: the other talks without a sound, or is a photograph."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np

from edge.capture import media
from edge.clock import NS_PER_MS, NS_PER_S
from edge.samples import Face, FaceFrame, Frame, Image
from tests.sync_bench.clips import Clip
from tests.sync_bench.sights import no_embeddings
from tests.sync_bench.stream import Stream, hear, joined, picture, speech_stamps, waves
from tests.sync_bench.studio import Studio

HALF_PX = 360
"""Each person fills a square of this size."""
MOST_CLIPS = 4
PHASE_NS = 800 * NS_PER_MS
"""So far into a clip the other person begins: sentences of one corpus have one rhythm."""


@dataclass(frozen=True)
class Pair:
    """`speaker` is heard, on the left or on the right; `still` says that the other one is a photograph."""

    speaker: str
    other: str
    on_left: bool
    still: bool

    def is_speaker(self, face: Face) -> bool:
        """By the half of the picture that the face is in."""
        return (face.box.x + face.box.width / 2 < HALF_PX) == self.on_left


def two_faces(studio: Studio, pair: Pair, seconds: float, *, voice_of: str | None = None) -> Stream:
    """The pair's picture, again and again, with the speaker's sound, or with that of somebody who is not in it."""
    clips = studio.people[pair.speaker][:MOST_CLIPS]
    others = studio.people[pair.other]
    pieces = joined(clips, seconds)
    wave = waves(pieces) if voice_of is None else studio.foreign_wave(voice_of, len(waves(pieces)))
    runs = hear(wave)
    faces = picture(pieces, lambda clip: _seen(studio, pair, clip, others[clips.index(clip) % len(others)]))
    return Stream(faces, runs, speech_stamps(runs))


def _seen(studio: Studio, pair: Pair, clip: Clip, other: Clip) -> list[FaceFrame]:
    name = f"{clip.name}-{other.name}-{'left' if pair.on_left else 'right'}-{'still' if pair.still else 'talking'}"
    return studio.sights.remembered(name, _canvases(pair, clip, other), no_embeddings)


def _canvases(pair: Pair, clip: Clip, other: Clip) -> Iterator[Frame]:
    beside = [(frame.t_ns, _square(frame.image)) for frame in media.frames(other.path)]
    stamps = np.array([t_ns for t_ns, _ in beside])
    length_ns = int(stamps[-1]) + NS_PER_S // 25
    for frame in media.frames(clip.path):
        at_ns = 0 if pair.still else (frame.t_ns + PHASE_NS) % length_ns
        halves = [_square(frame.image), beside[int(np.abs(stamps - at_ns).argmin())][1]]
        canvas = np.concatenate(halves if pair.on_left else halves[::-1], axis=1)
        yield replace(frame, image=canvas)


def _square(image: Image) -> Image:
    """The middle of a picture, as high as HALF_PX."""
    scale = HALF_PX / image.shape[0]
    scaled = cv2.resize(image, (round(image.shape[1] * scale), HALF_PX), interpolation=cv2.INTER_AREA)
    left = (scaled.shape[1] - HALF_PX) // 2
    return np.asarray(scaled[:, left : left + HALF_PX], np.uint8)
