"""Feature streams as the features room would make them, from two signals."""

from __future__ import annotations

import numpy as np

from edge.samples import FEATURE_SIZE, Box, Face, FaceFrame, Pose, Quality, SoundFrames

MS = 1_000_000
FRAME_NS = 1_000 * MS // 30


def face(track, mouth=0.0, opening=0.0, embedding=None, x=100.0):
    return Face(
        track=track,
        box=Box(x, 50, 120, 150),
        landmarks=np.zeros((5, 2), np.float32),
        score=0.9,
        pose=Pose(0, 0, 0),
        quality=Quality(120, 200, 120),
        mouth=mouth,
        mouth_opening=opening,
        embedding=embedding,
    )


def face_frame(t_ns, faces, delay_ms=10):
    return FaceFrame(t_ns, t_ns + delay_ms * MS, 640, 480, tuple(faces))


def sound_run(t_ns, level_db=None, voice=None, features=None, delay_ms=20):
    """Frames centred at `t_ns` (n,)."""
    t_ns = np.asarray(t_ns, np.int64)
    n = len(t_ns)
    return SoundFrames(
        ready_ns=int(t_ns[-1]) + (15 + delay_ms) * MS,
        t_ns=t_ns,
        features=np.zeros((n, FEATURE_SIZE), np.float32) if features is None else features,
        level_db=np.full(n, -30, np.float32) if level_db is None else np.asarray(level_db, np.float32),
        voice=np.ones(n, np.float32) if voice is None else np.asarray(voice, np.float32),
        noise_db=-60.0,
    )


def feed_video(aligner, start_ns, end_ns, *, tracks=(1,), skip=(), gap_ns=FRAME_NS):
    """A frame every `gap_ns`; each face's embedding is its track number and the time in s, on every second frame."""
    for k, t_ns in enumerate(range(start_ns, end_ns, gap_ns)):
        if any(low <= t_ns < high for low, high in skip):
            continue
        faces = []
        for track in tracks:
            value = np.asarray([track, t_ns / 1e9], np.float32) if k % 2 == 0 else None
            faces.append(face(track, embedding=value))
        aligner.add_faces(face_frame(t_ns, faces))


def feed_sound(aligner, start_ns, end_ns, *, skip=()):
    """100 frames a second; the first feature is the frame's time in seconds."""
    for t_ns in range(start_ns + 15 * MS, end_ns - 14 * MS, 10 * MS):
        if any(low <= t_ns < high for low, high in skip):
            continue
        features = np.zeros((1, FEATURE_SIZE), np.float32)
        features[0, 0] = t_ns / 1e9
        aligner.add_sound(sound_run([t_ns], features=features))
