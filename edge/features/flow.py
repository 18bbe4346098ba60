"""Where a face went between two pictures: pyramidal optical flow (Lucas, Kanade 1981; Bouguet 2000)."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.features.crop import similarity
from edge.samples import Box, Floats, Image

FLOW_PX = 320
WINDOW_PX = 13
LEVELS = 2
GRID = 5
ROUND_TRIP_PX = 0.7
"""A point is believed when flow forward and back again ends this near to its start (Kalal et al. 2010)."""
MIN_BELIEVED = 0.5
"""Share of a face's points that must be believed, or the face is lost."""
MIN_CONTRAST = 4.0
"""Standard deviation of gray values under which a face is no longer there (a black or blank picture)."""


class Flow:
    """Remembers the previous picture; each `step` takes the next one and moves faces from the one to the other."""

    def __init__(self) -> None:
        self._before: Image | None = None

    def step(self, small: Image, factor: float, faces: Sequence[tuple[Box, Floats]]) -> list[tuple[Box, Floats] | None]:
        """Boxes and landmarks (5, 2) of the previous picture, in full pixels, moved to `small`, shrunk by `factor`.

        None for each face whose points cannot be followed, and for all on the first picture or after a change of size.
        """
        before, self._before = self._before, small
        if before is None or before.shape != small.shape or not faces:
            return [None] * len(faces)
        points = np.concatenate([_points(box, landmarks) for box, landmarks in faces]).astype(np.float32) * factor
        moved, believed = _round_trip(before, small, points)
        per_face = GRID * GRID + 5
        found: list[tuple[Box, Floats] | None] = []
        for index, (box, landmarks) in enumerate(faces):
            part = slice(index * per_face, (index + 1) * per_face)
            if believed[part].mean() < MIN_BELIEVED or _blank(small, box, factor):
                found.append(None)
            else:
                found.append(_move(box, landmarks, points[part] / factor, moved[part] / factor, believed[part]))
        return found


def _points(box: Box, landmarks: Floats) -> NDArray[np.floating]:
    """Five landmarks and a grid over the inner face (GRID * GRID + 5, 2): hair and background stay out."""
    xs = box.x + box.width * np.linspace(0.2, 0.8, GRID)
    ys = box.y + box.height * np.linspace(0.15, 0.85, GRID)
    grid = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    return np.concatenate([landmarks, grid])


def _round_trip(
    before: Image, after: Image, points: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Where the points went, and which of them come back when followed backwards."""
    size = (WINDOW_PX, WINDOW_PX)
    start = points.reshape(-1, 1, 2)
    moved, there, _ = cv2.calcOpticalFlowPyrLK(before, after, start, None, winSize=size, maxLevel=LEVELS)
    back, again, _ = cv2.calcOpticalFlowPyrLK(after, before, moved, None, winSize=size, maxLevel=LEVELS)
    error = np.linalg.norm((back - start).reshape(-1, 2), axis=1)
    believed = (there.ravel() == 1) & (again.ravel() == 1) & (error < ROUND_TRIP_PX)
    return np.asarray(moved.reshape(-1, 2), dtype=np.float32), np.asarray(believed, dtype=np.bool_)


def _blank(small: Image, box: Box, factor: float) -> bool:
    """Whether nothing is to be seen any more where the face was, or the place is outside the picture."""
    left, top = max(0, int(box.x * factor)), max(0, int(box.y * factor))
    right, bottom = int((box.x + box.width) * factor), int((box.y + box.height) * factor)
    part = small[top : max(top, bottom), left : max(left, right)]
    return part.size == 0 or float(part.std()) < MIN_CONTRAST


def _move(
    box: Box,
    landmarks: Floats,
    start: NDArray[np.floating],
    end: NDArray[np.floating],
    believed: NDArray[np.bool_],
) -> tuple[Box, Floats]:
    """Box and landmarks moved by the similarity of the believed points, without the third that fits it worst."""
    start, end = start.astype(np.float64), end.astype(np.float64)
    matrix = similarity(start[believed], end[believed])
    rest = np.linalg.norm(start @ matrix[:, :2].T + matrix[:, 2] - end, axis=1)
    kept = believed & (rest <= np.quantile(rest[believed], 0.67))
    matrix = similarity(start[kept], end[kept])
    moved = (landmarks @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    centre = matrix[:, :2] @ (box.x + box.width / 2, box.y + box.height / 2) + matrix[:, 2]
    width, height = box.width * scale, box.height * scale
    return Box(float(centre[0] - width / 2), float(centre[1] - height / 2), width, height), moved
