"""Motion, opening and jaw of a mouth, from a small patch warped by the landmarks so that the head stands still."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge.features.crop import CROP_PX, EYE_HEIGHT, INTEROCULAR, MOUTH_DROP, TEMPLATE, similarity, warp
from edge.features.mouth_change import PATCH_HEIGHT, PATCH_WIDTH, Patch, mouth_change
from edge.samples import Floats, Image

PATCH_INTEROCULARS = 1.3
"""Width of the patch in interocular distances: both mouth corners and some cheek."""
PATCH_BELOW_MOUTH = 0.08
"""Centre of the patch below the mouth corners, in interocular distances: the jaw moves, the nose does not."""
MIN_CONTRAST = 2.0
"""Standard deviation of gray values under which nothing can be told."""
MAX_GAP_S = 0.25
USUAL_GAP_S = 1 / 30
MIN_GAP_S = 1 / 120
LIPS = (slice(2, 22), slice(10, 22))
"""Rows and columns of the patch between the mouth corners, with as much above and below as a yawn needs."""

_SCALE = PATCH_WIDTH / (PATCH_INTEROCULARS * INTEROCULAR * CROP_PX)
_CENTRE = np.array([0.5, EYE_HEIGHT + INTEROCULAR * (MOUTH_DROP + PATCH_BELOW_MOUTH)]) * CROP_PX
_PATCH_TEMPLATE = (TEMPLATE - _CENTRE) * _SCALE + (PATCH_WIDTH / 2, PATCH_HEIGHT / 2)
_INTEROCULARS_PER_PX = PATCH_INTEROCULARS / PATCH_WIDTH


class Mouth(NamedTuple):
    """What a mouth does in one frame; NaN for what cannot be told.

    `motion`: mean change of the patch since the last frame that no move of the head explains, in the patch's standard
    deviations per 1/30 s. `opening`, 0 … 1: how much darker the mouth is than the skin around it, for five landmarks
    do not show the lips' gap (a moustache adds a constant). `speed`: how fast the jaw drops against the upper lip, in
    interocular distances per second, < 0 where it rises. Motion and speed belong to the middle between the frames.
    """

    motion: float
    opening: float
    speed: float


@dataclass(frozen=True)
class _Seen:
    t_ns: int
    patch: Patch


class MouthMotion:
    """Remembers each track's last mouth patch."""

    def __init__(self) -> None:
        self._seen: dict[int, _Seen] = {}

    def step(self, track: int, t_ns: int, gray: Image, landmarks: Floats) -> Mouth:
        """Face `track` with `landmarks` (5, 2) in `gray` (h, w).

        Motion and speed are NaN on the first frame and after a gap, all is NaN where the patch has no contrast.
        """
        raw = mouth_patch(gray, landmarks)
        contrast = float(raw.std())
        if contrast < MIN_CONTRAST:
            self._seen.pop(track, None)
            return Mouth(math.nan, math.nan, math.nan)
        patch = (raw - raw.mean()) / np.float32(contrast)
        before = self._seen.get(track)
        self._seen[track] = _Seen(t_ns, patch)
        gap_s = (t_ns - before.t_ns) / 1e9 if before else math.inf
        if not before or not 0 < gap_s <= MAX_GAP_S:
            return Mouth(math.nan, _opening(raw), math.nan)
        gap_s = max(gap_s, MIN_GAP_S)
        change = mouth_change(before.patch, patch)
        speed = change.jaw_drop_px * _INTEROCULARS_PER_PX / gap_s
        return Mouth(change.mean * USUAL_GAP_S / gap_s, _opening(raw), speed)

    def keep(self, tracks: Collection[int]) -> None:
        """Forget all tracks but these."""
        for gone in self._seen.keys() - set(tracks):
            del self._seen[gone]


def mouth_patch(gray: Image, landmarks: Floats) -> NDArray[np.float32]:
    """Gray values of the mouth (PATCH_HEIGHT, PATCH_WIDTH), upright and of the same size for every face."""
    matrix = similarity(landmarks, _PATCH_TEMPLATE)
    return warp(gray, matrix, PATCH_WIDTH, PATCH_HEIGHT).astype(np.float32)


def _opening(raw: NDArray[np.float32]) -> float:
    """Mean darkness between the mouth corners against the patch's median, which is skin."""
    skin = max(float(np.median(raw)), 1.0)
    return float(np.clip(1.0 - raw[LIPS] / skin, 0.0, 1.0).mean())
