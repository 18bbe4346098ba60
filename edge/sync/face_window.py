"""The picture's side of one window: every face that is there, on the window's slots."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.clock import NS_PER_MS
from edge.samples import Face, FaceWindow
from edge.sync.grids import WINDOW_NS, Grids
from edge.sync.interpolate import Resampled, at_grid, distance_to_nearest
from edge.sync.speaker import SpeakerChooser
from edge.sync.tracks import FaceHistory, of_track, present

LEAD_NS = 250 * NS_PER_MS
NEAR_NS = 60 * NS_PER_MS
MOST_NEAR_NS = 300 * NS_PER_MS
NEAR_GAPS = 0.6
"""Of the usual gap between pictures: every moment between two pictures that came as usual is near one of them."""


def face_windows(
    history: FaceHistory, at: Grids, owner: int | None, speaker: SpeakerChooser
) -> tuple[tuple[FaceWindow, ...], float | None]:
    """Every face that is still there, largest first, and the share of slots without a picture nearby.

    The share is None where there is no picture at all.
    """
    # A little before the window too: the first slots lie between an encoding there and one inside.
    frames = history.between(at.video_end_ns - WINDOW_NS - LEAD_NS, at.video_end_ns)
    near_ns = near(history.usual_gap_ns)
    windows = []
    for face in present(frames, at.video_end_ns):
        begun_ns = history.begun_ns(face.track) or 0
        values = _embeddings(of_track(frames, face.track), at.video_ns, near_ns, begun_ns)
        if values is not None:
            score = round(speaker.score(face.track), 3)
            windows.append(FaceWindow(face, values.values, values.mask, face.track == owner, score))
    if not frames:
        return tuple(windows), None
    there = at.video_ns >= history.frames[0].t_ns - near_ns
    seen_ns = np.asarray([frame.t_ns for frame in frames], np.int64)
    return tuple(windows), float((there & (distance_to_nearest(seen_ns, at.video_ns) > near_ns)).mean())


def near(usual_gap_ns: int) -> int:
    """How far from a picture a moment may be without counting as filled in: a slow camera is not late."""
    return int(min(max(NEAR_NS, NEAR_GAPS * usual_gap_ns), MOST_NEAR_NS))


def _embeddings(
    sights: list[tuple[int, Face]], grid_ns: NDArray[np.int64], near_ns: int, begun_ns: int
) -> Resampled | None:
    """One track's embeddings at the grid; None when it was never encoded."""
    encoded = [(t_ns, face.embedding) for t_ns, face in sights if face.embedding is not None]
    if not encoded:
        return None
    t_ns = np.asarray([t for t, _ in encoded], np.int64)
    values = np.stack([embedding for _, embedding in encoded]).astype(np.float32)
    seen_ns = np.asarray([t for t, _ in sights], np.int64)
    return at_grid(t_ns, values, seen_ns, grid_ns, near_ns=near_ns, begun_ns=begun_ns)
