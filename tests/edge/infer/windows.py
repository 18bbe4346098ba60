"""Windows as the sync room would make them."""

from __future__ import annotations

import numpy as np

from edge.samples import FEATURE_SIZE, VIDEO_SLOTS, WINDOW_FRAMES, Box, Face, FaceWindow, Pose, Quality, Sync, Window

IN_STEP = Sync("timestamps", None, None, "measuring", None, 0.0, 0.0, 0.0, 20.0, False)


def face_window(embeddings, *, track=1, speaking=True, seen=VIDEO_SLOTS):
    """`embeddings` (VIDEO_SLOTS, E); only the last `seen` slots count."""
    mask = np.arange(VIDEO_SLOTS) >= VIDEO_SLOTS - seen
    face = Face(
        track=track,
        box=Box(200, 100, 150, 180),
        landmarks=np.zeros((5, 2), np.float32),
        score=0.9,
        pose=Pose(0, 0, 0),
        quality=Quality(150, 300, 120),
        mouth=0.1,
        mouth_opening=0.2,
    )
    return FaceWindow(face, np.asarray(embeddings, np.float32), mask, speaking, 0.9 if speaking else 0.1)


def window(faces=(), sound=None, *, voice=0.9, end_ns=1_000_000_000):
    """One second; `sound` (WINDOW_FRAMES, FEATURE_SIZE), None for a window without any."""
    heard = sound is not None
    return Window(
        start_ns=end_ns - 1_000_000_000,
        end_ns=end_ns,
        tick=0,
        newest_ns=end_ns,
        oldest_ns=end_ns - 1_000_000_000,
        frame_width=640,
        frame_height=480,
        faces=tuple(faces),
        sound=np.asarray(sound, np.float32) if heard else np.zeros((WINDOW_FRAMES, FEATURE_SIZE), np.float32),
        sound_mask=np.full(WINDOW_FRAMES, heard),
        voice=voice if heard else 0.0,
        level_db=-25.0,
        noise_db=-60.0,
        sync=IN_STEP,
    )
