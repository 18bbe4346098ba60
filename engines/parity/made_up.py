"""Feeds for a machine that can make no clip: drawn faces, and tones that rise, fall and pause as a voice does."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.features.crop import CROP_PX, TEMPLATE
from edge.features.sound_features import sound_matrix
from edge.samples import RATE_HZ, VIDEO_SLOTS, WINDOW_FRAMES, Floats
from engines.parity.cases import rows_of
from engines.parity.feeds import CropList, ParityFeeds, Sight, Sound

MOMENTS = 30
_CROPS = 4
_EYE_PX, _MOUTH_PX = (9, 5), (20, 10)


def made_up_feeds(moments: int = MOMENTS) -> ParityFeeds:
    """Always the same feeds, all of CASES; no clip, detector or codec is needed."""
    random, crops = np.random.default_rng(7), CropList()
    sights = [_sight([crops.place(_face(random)) for _ in range(_CROPS)]) for _ in range(moments)]
    sounds = [_sound(random) for _ in range(moments)]
    return ParityFeeds(crops.array(), tuple(rows_of(sights, sounds)), "drawn faces and tones")


def _sight(places: list[int]) -> Sight:
    """Embeddings in between are interpolated in time."""
    time = np.linspace(0, _CROPS - 1, VIDEO_SLOTS)[:, None]
    weights = np.maximum(0.0, 1.0 - np.abs(time - np.arange(_CROPS)[None]))
    return Sight(np.array(places, np.int64), weights.astype(np.float32), np.ones(VIDEO_SLOTS, np.float32))


def _face(random: np.random.Generator) -> NDArray[np.uint8]:
    """An oval with eyes, brows and a mouth near the places of `TEMPLATE`, lit and blurred at random."""
    picture = np.full((CROP_PX, CROP_PX), float(random.uniform(10, 120)), np.float32)
    skin = float(random.uniform(120, 230))
    centre = (CROP_PX // 2, CROP_PX // 2 + 6)
    cv2.ellipse(picture, centre, (52, 66), 0, 0, 360, skin, -1)
    right, left, nose, *_ = (TEMPLATE + random.normal(0, 2, TEMPLATE.shape)).astype(int).tolist()
    shut, brow, tilt = random.uniform(0.2, 1), int(random.integers(6, 16)), float(random.uniform(-25, 25))
    for eye, side in ((right, 1), (left, -1)):
        cv2.ellipse(picture, eye, (_EYE_PX[0], max(1, round(_EYE_PX[1] * shut))), 0, 0, 360, 0.2 * skin, -1)
        cv2.ellipse(picture, (eye[0], eye[1] - brow), (14, 3), side * tilt, 0, 360, 0.3 * skin, -1)
    cv2.line(picture, (nose[0], nose[1] - 16), tuple(nose), 0.8 * skin, 3)
    opened, turned = random.uniform(0.1, 1.4), float(random.choice((0, 180)))
    mouth = (centre[0], int(TEMPLATE[3, 1]))
    cv2.ellipse(picture, mouth, (_MOUTH_PX[0], round(_MOUTH_PX[1] * opened)), turned, 0, 180, 0.25 * skin, -1)
    shade = 1.0 + random.uniform(-0.4, 0.4) * np.linspace(-1, 1, CROP_PX, dtype=np.float32)
    blurred = cv2.GaussianBlur(picture * shade, (0, 0), float(random.uniform(0.6, 2.5)))
    return np.asarray(np.clip(blurred + random.normal(0, 5, blurred.shape), 0, 255), np.uint8)


def _sound(random: np.random.Generator) -> Sound:
    """The middle second of three: harmonics of a moving pitch under two resonances, in syllables, over noise."""
    t_s = np.arange(3 * RATE_HZ) / RATE_HZ
    pitch_hz = random.uniform(90, 260) * (1 + 0.25 * np.sin(2 * np.pi * random.uniform(0.3, 3) * t_s))
    phase = 2 * np.pi * np.cumsum(pitch_hz) / RATE_HZ
    first_hz, second_hz = random.uniform(300, 800), random.uniform(900, 2400)
    tone = sum(_gain(k * float(pitch_hz.mean()), first_hz, second_hz) * np.sin(k * phase) for k in range(1, 25))
    syllables = np.maximum(0.0, np.sin(2 * np.pi * random.uniform(1.5, 5) * t_s + random.uniform(0, 6))) ** 0.5
    voiced = 10 ** random.uniform(-2.5, -0.7) * tone * syllables
    samples = voiced + 10 ** random.uniform(-4.5, -2.5) * random.normal(size=len(t_s))
    features: Floats = sound_matrix(samples.astype(np.float32)).features[WINDOW_FRAMES : 2 * WINDOW_FRAMES]
    return Sound(features, np.ones(WINDOW_FRAMES, np.float32))


def _gain(hz: float, *resonances_hz: float) -> float:
    return sum(1.0 / (1.0 + ((hz - one) / 120.0) ** 2) for one in resonances_hz) + 0.05
