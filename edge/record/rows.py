"""The lines of a recording's table: one JSON object for each frame, each 10 ms of sound and each window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.clock import NS_PER_MS
from edge.publish.payload import rounded
from edge.record.nearest import nearest
from edge.samples import VIDEO_SLOTS, WINDOW_FRAMES, Face, FaceFrame, SoundFrames, Window
from edge.sync.dtw import Warp
from edge.sync.grids import HALF_ANALYSIS_NS, WINDOW_NS, Grids

Row = dict[str, Any]

_STEP_NS = WINDOW_NS // WINDOW_FRAMES


def frame_row(index: int, pts_ns: int, seen: FaceFrame) -> Row:
    """`seen.t_ns` is the capture's stamp from the clip's zero, `pts_ns` what the clip holds for it."""
    faces = [_face(face, seen.width, seen.height) for face in seen.faces]
    return {"kind": "frame", "i": index, "t_ns": seen.t_ns, "pts_ns": pts_ns, "faces": faces}


def _face(face: Face, width: int, height: int) -> Row:
    scale = np.asarray([width, height], np.float64)
    return {
        "track": face.track,
        "box": [rounded(side, 5) for side in face.box.fractions(width, height)],
        "landmarks": [[rounded(x, 5), rounded(y, 5)] for x, y in face.landmarks / scale],
        "score": rounded(face.score, 4),
        "yaw": rounded(face.pose.yaw, 1),
        "pitch": rounded(face.pose.pitch, 1),
        "roll": rounded(face.pose.roll, 1),
        "width_px": rounded(face.quality.width_px, 1),
        "sharpness": rounded(face.quality.sharpness, 1),
        "brightness": rounded(face.quality.brightness, 1),
        "mouth_motion": rounded(face.mouth, 5),
        "mouth_opening": rounded(face.mouth_opening, 5),
    }


def sound_rows(first_index: int, run: SoundFrames) -> list[Row]:
    """One row for each frame of `run`."""
    return [
        {
            "kind": "sound",
            "i": first_index + k,
            "t_ns": int(t_ns),
            "voice": rounded(float(run.voice[k]), 3),
            "level_db": rounded(float(run.level_db[k]), 1),
        }
        for k, t_ns in enumerate(run.t_ns)
    ]


def window_row(index: int, window: Window, at: Grids, owner: int | None, dtw: Row | None) -> Row:
    """How sound and picture of one window belong together; `dtw` is from `dtw_entry`."""
    sync = window.sync
    return {
        "kind": "window",
        "i": index,
        "start_ns": window.start_ns,
        "end_ns": window.end_ns,
        "video_end_ns": at.video_end_ns,
        "sound_end_ns": at.sound_end_ns,
        "owner": owner,
        "voice": rounded(window.voice, 3),
        "level_db": rounded(window.level_db, 1),
        "noise_db": rounded(window.noise_db, 1),
        "method": sync.method,
        "audio_lag_ms": rounded(sync.audio_lag_ms, 1),
        "audio_lag_ci_ms": rounded(sync.audio_lag_ci_ms, 1),
        "lock": sync.lock,
        "interpolated": {"video": rounded(sync.interpolated_video, 4), "audio": rounded(sync.interpolated_audio, 4)},
        "dtw": dtw,
        "fallback": sync.fallback,
    }


def dtw_entry(warp: Warp, *, applied: bool, first_sound_ns: int, stamps_ns: NDArray[np.int64], first_index: int) -> Row:
    """A warping path as pairs [sound row, video slot], one for each 10 ms of picture, rising in both.

    `warp.sound_at` counts from the window's first sound moment `first_sound_ns`; `stamps_ns` (n,) are the stamps of
    the sound rows `first_index`, `first_index` + 1, …: the nearest one is meant.
    """
    moments_ns = first_sound_ns + np.rint(warp.sound_at * _STEP_NS).astype(np.int64)
    sounds = first_index + nearest(stamps_ns, moments_ns)
    slots = _slots(len(moments_ns))
    return {
        "cost": rounded(1.0 - warp.gain, 4),
        "shift_ms": rounded(warp.shift_ms, 1),
        "applied": applied,
        "path": [[int(sound), int(slot)] for sound, slot in zip(sounds, slots, strict=True)],
    }


def _slots(count: int) -> Sequence[int]:
    """In which of the window's slots the picture's moments lie; a moment is the middle of its 30 ms of sound."""
    from_start_ms = (np.arange(count) + 1) * (_STEP_NS // NS_PER_MS) - HALF_ANALYSIS_NS // NS_PER_MS
    slots = from_start_ms * VIDEO_SLOTS // (WINDOW_NS // NS_PER_MS)
    return [int(slot) for slot in np.clip(slots, 0, VIDEO_SLOTS - 1)]
