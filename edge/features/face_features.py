"""All that is taken from a picture: each frame is looked at once, and only as closely as its faces need."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from edge.clock import NS_PER_S, Clock, MonotonicClock
from edge.features.crop import aligned_gray, equalise, to_gray
from edge.features.face import Detector
from edge.features.mouth import MouthMotion
from edge.features.picture import too_small
from edge.features.pose import head_pose
from edge.features.quality import face_quality
from edge.features.track import Track, Tracker
from edge.samples import Face, FaceFrame, Floats, Frame, Image, Quality

Encode = Callable[[Image], NDArray[np.float32]]
"""Aligned, equalised crops uint8 (n, 128, 128) to embeddings float32 (n, E)."""

DETECT_EVERY_S = 0.2
LEAD_ENCODE_HZ = 15.0
OTHER_ENCODE_HZ = 5.0
QUALITY_EVERY_S = 0.2
_SLACK_S = 0.005
"""Frames do not come to the millisecond: what is due this soon is done now."""


class FaceFeatures:
    """Detection every `detect_every_s`, optical flow in between, mouth on every frame, embeddings at their own rates.

    The leading (largest) face is encoded `lead_encode_hz` times a second, each other face `other_encode_hz` times.
    """

    def __init__(
        self,
        detector: Detector,
        encode: Encode,
        *,
        detect_every_s: float = DETECT_EVERY_S,
        lead_encode_hz: float = LEAD_ENCODE_HZ,
        other_encode_hz: float = OTHER_ENCODE_HZ,
        clock: Clock | None = None,
    ) -> None:
        self.detections = 0
        self.thrift = 1.0
        """How many times farther apart detections and embeddings are than they should be: work is to be saved."""
        self._detector = detector
        self._encode = encode
        self._detect_every_s = detect_every_s
        self._lead_every_s = 1.0 / lead_encode_hz
        self._other_every_s = 1.0 / other_encode_hz
        self._clock: Clock = clock or MonotonicClock()
        self._tracker = Tracker()
        self._mouth = MouthMotion()
        self._detected_ns: int | None = None
        self._encoded_ns: dict[int, int] = {}
        self._quality: dict[int, tuple[int, Quality]] = {}

    def step(self, frame: Frame) -> FaceFrame:
        """The faces of `frame`, largest first; a picture of any size, gray or colour, may hold none."""
        height, width = frame.image.shape[:2]
        faces: list[Face] = []
        if not too_small(frame.image):
            gray = to_gray(frame.image)
            self._find(frame, gray)
            tracks = self._tracker.faces
            embeddings = self._embed(frame.t_ns, gray, tracks)
            faces = [self._face(frame, gray, track, embeddings.get(track.id)) for track in tracks]
        self._forget()
        return FaceFrame(frame.t_ns, self._clock.now_ns(), width, height, tuple(faces))

    def forget(self) -> None:
        """Nobody of those who were seen is still there; new faces get new numbers."""
        self._tracker.clear()
        self._detected_ns = None
        self._forget()

    def _find(self, frame: Frame, gray: Image) -> None:
        """Follow what is known; look for faces when it is time, when one was lost, and when one is in doubt."""
        lost = self._tracker.follow(gray, frame.t_ns)
        if lost or self._tracker.unsure or _due(self._detected_ns, frame.t_ns, self._detect_every_s * self.thrift):
            self._tracker.correct(self._detector.detect(frame.image), frame.t_ns)
            self._detected_ns = frame.t_ns
            self.detections += 1

    def _embed(self, t_ns: int, gray: Image, tracks: Sequence[Track]) -> dict[int, Floats]:
        """Embeddings of the faces that are due, by track: one call of the encoder for all of them."""
        due = []
        for place, track in enumerate(tracks):
            every_s = (self._lead_every_s if place == 0 else self._other_every_s) * self.thrift
            if _due(self._encoded_ns.get(track.id), t_ns, every_s):
                due.append(track)
        if not due:
            return {}
        crops = []
        for track in due:
            aligned = aligned_gray(gray, track.landmarks)
            self._quality[track.id] = (t_ns, face_quality(track.box, aligned))
            self._encoded_ns[track.id] = t_ns
            crops.append(equalise(aligned))
        rows = np.asarray(self._encode(np.stack(crops)), dtype=np.float32)
        return {track.id: row for track, row in zip(due, rows, strict=True)}

    def _face(self, frame: Frame, gray: Image, track: Track, embedding: Floats | None) -> Face:
        height, width = frame.image.shape[:2]
        mouth = self._mouth.step(track.id, frame.t_ns, gray, track.landmarks)
        return Face(
            track=track.id,
            box=track.box,
            landmarks=track.landmarks,
            score=track.score,
            pose=head_pose(track.landmarks, width, height),
            quality=self._quality_of(frame.t_ns, gray, track),
            mouth=mouth.motion,
            mouth_opening=mouth.opening,
            mouth_speed=mouth.speed,
            embedding=embedding,
        )

    def _quality_of(self, t_ns: int, gray: Image, track: Track) -> Quality:
        """Measured whenever the face is encoded; it changes slowly in between."""
        known = self._quality.get(track.id)
        if known is None or _due(known[0], t_ns, QUALITY_EVERY_S * self.thrift):
            known = (t_ns, face_quality(track.box, aligned_gray(gray, track.landmarks)))
            self._quality[track.id] = known
        return known[1]

    def _forget(self) -> None:
        """Drop what belongs to faces that the tracker has given up."""
        ids = self._tracker.known_ids
        self._mouth.keep(ids)
        for memory in (self._encoded_ns, self._quality):
            for gone in memory.keys() - ids:
                del memory[gone]


def _due(last_ns: int | None, t_ns: int, every_s: float) -> bool:
    """Whether `every_s` has passed since `last_ns`; a clock that jumped back counts as due."""
    return last_ns is None or t_ns < last_ns or t_ns - last_ns >= (every_s - _SLACK_S) * NS_PER_S
