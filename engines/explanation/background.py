"""What a window is compared with: the same person and room without expression and without speech.

Attributions say what makes this window differ from its background, so the background is made of the clip itself:
no pictures of other people are needed, and who somebody is, or how a room sounds, does not count as an expression.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.features.mfcc import MFCC_COUNT
from edge.samples import FEATURE_SIZE, Floats, SoundFrames
from engines.clip_walk import Moment

BLURS_PX = (6.0, 9.0, 14.0)
"""Deviations of the Gaussian blurs: on a crop of 128 px, where a mouth is 40 px wide, none leaves an expression.

No flat gray face: the student takes each crop's own contrast out, so all of the way from gray to the face would happen
within a hair of gray, where no sample falls.
"""
_QUIET_SHARE = 0.2
BACKGROUND = (
    f"the window's own face blurred by {', '.join(f'{px:g}' for px in BLURS_PX)} px; the clip's quietest fifth and the "
    "window's own mean spectrum, both steady"
)
"""In words, for the result."""


def background(moment: Moment, sound: SoundFrames) -> tuple[Floats, Floats]:
    """Crops (6, k, 128, 128) and sound (6, 100, 120): three faces without expression × two sounds without speech.

    The faces: the window's own, blurred. The sounds: the mean spectrum of the clip's
    quietest fifth, and the window's own mean spectrum, both steady (deltas 0).
    """
    faces = _faces(moment.crops)
    sounds = np.stack([_steady(_quiet(sound, moment)), _steady(_own(moment))])
    steps = len(moment.window.sound)
    heard = np.repeat(sounds[:, None], steps, axis=1)
    return np.repeat(faces, len(heard), axis=0), np.tile(heard, (len(faces), 1, 1))


def _faces(crops: NDArray[np.uint8]) -> Floats:
    whole = crops.astype(np.float32)
    blurred = [[cv2.GaussianBlur(crop, (0, 0), blur) for crop in whole] for blur in BLURS_PX]
    return np.asarray(blurred, np.float32)


def _quiet(sound: SoundFrames, moment: Moment) -> Floats:
    if not len(sound.level_db):
        return _own(moment)
    quiet = sound.level_db <= np.quantile(sound.level_db, _QUIET_SHARE)
    return np.asarray(sound.features[quiet, :MFCC_COUNT].mean(axis=0), np.float32)


def _own(moment: Moment) -> Floats:
    heard = moment.window.sound[moment.window.sound_mask, :MFCC_COUNT]
    return np.asarray(heard.mean(axis=0) if len(heard) else np.zeros(MFCC_COUNT), np.float32)


def _steady(statics: Floats) -> Floats:
    frame = np.zeros(FEATURE_SIZE, np.float32)
    frame[:MFCC_COUNT] = statics
    return frame
