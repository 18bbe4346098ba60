"""What travels between the steps: small frozen records that carry their time with them.

All `t_ns` are CLOCK_MONOTONIC nanoseconds of the moment of capture. Images are
uint8 BGR (height, width, 3); sound is float32 mono in -1 … 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

EMOTIONS = ("neutral", "happy", "sad", "angry", "fearful", "disgust", "surprised")
RATE_HZ = 16_000
FEATURE_RATE_HZ = 100
FEATURE_SIZE = 120
WINDOW_FRAMES = 100
VIDEO_SLOTS = 15

StampKind = Literal["sensor", "driver", "arrival"]
Image = NDArray[np.uint8]
Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Frame:
    """One picture. `arrived_ns` is when it reached this process."""

    t_ns: int
    arrived_ns: int
    seq: int
    image: Image


@dataclass(frozen=True)
class Chunk:
    """A run of sound at RATE_HZ. `t_ns` is the capture moment of its first sample."""

    t_ns: int
    arrived_ns: int
    seq: int
    samples: Floats

    @property
    def end_ns(self) -> int:
        """The moment just after the last sample."""
        return self.t_ns + len(self.samples) * 1_000_000_000 // RATE_HZ


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels of the full frame."""

    x: float
    y: float
    width: float
    height: float

    def fractions(self, frame_width: int, frame_height: int) -> tuple[float, float, float, float]:
        """x, y, width, height as fractions of the frame, clipped to it."""
        left, top = max(0.0, self.x), max(0.0, self.y)
        right = min(float(frame_width), self.x + self.width)
        bottom = min(float(frame_height), self.y + self.height)
        return (
            left / frame_width,
            top / frame_height,
            max(0.0, right - left) / frame_width,
            max(0.0, bottom - top) / frame_height,
        )


@dataclass(frozen=True)
class Detection:
    """One face as the detector saw it: landmarks (5, 2) in pixels, in the order
    right eye, left eye, nose tip, right mouth corner, left mouth corner (the person's own sides).
    """

    box: Box
    landmarks: Floats
    score: float


@dataclass(frozen=True)
class Pose:
    """Head pose in degrees: yaw > 0 turns to the person's left, pitch > 0 up, roll > 0 clockwise in the picture."""

    yaw: float
    pitch: float
    roll: float


@dataclass(frozen=True)
class Quality:
    """What speaks against believing this face: all in the units of their names."""

    width_px: float
    sharpness: float
    brightness: float


@dataclass(frozen=True)
class Face:
    """One tracked face in one frame. `embedding` is None when this face was not encoded this time."""

    track: int
    box: Box
    landmarks: Floats
    score: float
    pose: Pose
    quality: Quality
    mouth: float
    """Mouth motion since the last frame, normalised by the face's size; NaN when it cannot be told."""
    mouth_opening: float
    """Mouth opening of this frame, normalised by the face's size; NaN when it cannot be told."""
    mouth_speed: float = math.nan
    """How fast the jaw drops since the last frame, in interocular distances per second; NaN when it cannot be told."""
    embedding: Floats | None = None


@dataclass(frozen=True)
class FaceFrame:
    """All faces of one looked-at frame."""

    t_ns: int
    ready_ns: int
    width: int
    height: int
    faces: tuple[Face, ...]


@dataclass(frozen=True)
class SoundFrames:
    """A run of 10 ms feature frames.

    `t_ns` int64 (n,): centre of each 30 ms analysis window. `features` float32 (n, 120):
    40 MFCC, 40 delta, 40 delta-delta. The delta columns of the newest four frames of a stream are
    provisional; the next run sends those frames again, finished, with the same stamps.
    `level_db` float32 (n,): energy in 100–4000 Hz before denoising, dBFS. `voice` float32 (n,): probability of speech.
    `noise_db`: level of the running noise profile, dBFS.
    """

    ready_ns: int
    t_ns: NDArray[np.int64]
    features: Floats
    level_db: Floats
    voice: Floats
    noise_db: float


@dataclass(frozen=True)
class FaceWindow:
    """One face over one window: embeddings (VIDEO_SLOTS, E) and which of them are real or interpolated."""

    face: Face
    embeddings: Floats
    mask: Bools
    speaking: bool
    speaking_score: float


@dataclass(frozen=True)
class Sync:
    """How sound and picture were brought together in one window (payload field `sync`)."""

    method: Literal["timestamps", "offset", "dtw"]
    audio_lag_ms: float | None
    audio_lag_ci_ms: float | None
    lock: Literal["measuring", "locked", "held"]
    drift_ppm: float | None
    dtw_shift_ms: float
    interpolated_video: float
    interpolated_audio: float
    waited_ms: float
    deadline_missed: bool
    fallback: str | None = None


@dataclass(frozen=True)
class Window:
    """One second of both streams on one time base, ready for the window head."""

    start_ns: int
    end_ns: int
    tick: int
    newest_ns: int | None
    oldest_ns: int | None
    frame_width: int
    frame_height: int
    faces: tuple[FaceWindow, ...]
    sound: Floats
    """(WINDOW_FRAMES, FEATURE_SIZE)"""
    sound_mask: Bools
    """(WINDOW_FRAMES,)"""
    voice: float
    """Share of the window in which somebody speaks, 0 … 1."""
    level_db: float
    noise_db: float
    sync: Sync


@dataclass(frozen=True)
class Verdict:
    """An emotion and how sure it is. `probabilities` (7,) in the order of EMOTIONS."""

    emotion: str
    confidence: float
    uncertain: bool
    reasons: tuple[str, ...]
    probabilities: Floats
    valence: float
    arousal: float


@dataclass(frozen=True)
class FaceVerdict:
    """One face of one window with its verdict."""

    window: FaceWindow
    verdict: Verdict
    basis: Literal["fused", "video"]
    share_video: float
    share_audio: float


@dataclass(frozen=True)
class VoiceVerdict:
    """The voice of one window; `verdict` is None while nobody speaks."""

    present: bool
    utterance: int | None
    seconds: float
    verdict: Verdict | None


@dataclass(frozen=True)
class Result:
    """Everything about one window, before it becomes a message."""

    window: Window
    faces: tuple[FaceVerdict, ...]
    voice: VoiceVerdict
    infer_ms: float = field(default=0.0)
