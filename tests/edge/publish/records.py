"""A believable Result, and the message that is made of it."""

from __future__ import annotations

import numpy as np

from edge.publish.message import RunIdentity, emotion_message
from edge.samples import (
    EMOTIONS,
    Box,
    Face,
    FaceVerdict,
    FaceWindow,
    Pose,
    Quality,
    Result,
    Sync,
    Verdict,
    VoiceVerdict,
    Window,
)

SECOND = 1_000_000_000
IDENTITY = RunIdentity("desk", "k3f9q2", "9f2c01ab")


def verdict(emotion: str = "happy", share: float = 0.8, *, uncertain: bool = False, reasons=(), valence=0.7):
    values = np.full(7, (1 - share) / 6, np.float32)
    values[EMOTIONS.index(emotion)] = share
    return Verdict(emotion, share, uncertain, tuple(reasons), values, valence, 0.4)


def face(track: int = 3, box: Box | None = None, judged: Verdict | None = None, *, speaking: bool = True):
    box = box or Box(198.4, 57.6, 140.8, 187.2)
    looked_at = Face(
        track, box, np.zeros((5, 2), np.float32), 0.9, Pose(-4.04, 2.5, 1.0), Quality(140.8, 90.0, 110.0), 0.1, 0.2
    )
    window = FaceWindow(looked_at, np.zeros((15, 8), np.float32), np.ones(15, bool), speaking, 0.91)
    return FaceVerdict(window, judged or verdict(), "fused" if speaking else "video", 0.64, 0.36)


def sync(**changes):
    values = dict(
        method="dtw",
        audio_lag_ms=38.0,
        audio_lag_ci_ms=9.0,
        lock="locked",
        drift_ppm=12.0,
        dtw_shift_ms=11.0,
        interpolated_video=0.0,
        interpolated_audio=0.12,
        waited_ms=23.0,
        deadline_missed=False,
    )
    return Sync(**{**values, **changes})


def result(faces=None, voice=None, end_ns: int = 100 * SECOND, **changes) -> Result:
    faces = (face(),) if faces is None else tuple(faces)
    voice = voice or VoiceVerdict(True, 17, 2.4, verdict("happy", 0.61))
    window = Window(
        start_ns=end_ns - SECOND,
        end_ns=end_ns,
        tick=1,
        newest_ns=end_ns - SECOND // 100,
        oldest_ns=end_ns - SECOND,
        frame_width=640,
        frame_height=480,
        faces=tuple(one.window for one in faces),
        sound=np.zeros((100, 120), np.float32),
        sound_mask=np.ones(100, bool),
        voice=0.8,
        level_db=-28.0,
        noise_db=-60.0,
        sync=changes.pop("sync", None) or sync(),
    )
    return Result(window, faces, voice, 1.2)


def silence() -> VoiceVerdict:
    return VoiceVerdict(False, None, 0.0, None)


def message(*arguments, seq: int = 128, **keywords):
    made = result(*arguments, **keywords)
    return emotion_message(made, IDENTITY, seq=seq, now_ns=made.window.end_ns + 31_200_000)
