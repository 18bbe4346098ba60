"""The demo clip's face: scikit-image's portrait of Eileen Collins (NASA, public domain), made to speak and to sway.

All places are pixels of that one picture (512×512), measured on it once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.errors import EdgeError
from edge.samples import Image

WIDTH, HEIGHT = 640, 480
_ZOOM = 2.0
"""The face is 89 px wide there, 180 px here."""
_CENTRE = (222.0, 132.0)
_MOUTH_X, _MOUTH_HALF_WIDTH = 223.5, 20.5
_PARTING_Y, _PARTING_RISE = 149.3, 9.0
"""The lower edge of the upper teeth, a parabola that rises by so much towards the corners."""
_CHIN_Y, _NECK_Y, _JAW_HALF_WIDTH = 176.0, 205.0, 40.0
_WIDEST_OPENING = 8.0
_EYES = ((200.0, 101.0), (246.0, 102.0))
_EYE_HALF_WIDTH, _LID_FOLD, _LID_OPEN, _LID_SHUT, _LOWER_LID = 11.5, -8.5, -4.5, 3.0, 4.5
"""Rows relative to an eye's centre: where the lid folds, its edge when open and when shut, the lower lid."""
_HEAD = (221.0, 112.0)
_HEAD_RADIUS = 75.0
_INSIDE = np.array([26.0, 20.0, 62.0], np.float32)
"""Colour of the inside of a mouth, BGR."""
_JAW_REGION = (slice(236, 480), slice(228, 420))
_EYES_REGION = (slice(130, 270), slice(230, 400))
"""Rows and columns of the picture in which anything of the jaw or the eyes can be; the rest is not looked at."""

_Map = NDArray[np.float32]


@dataclass(frozen=True)
class Gesture:
    """How the head is held in one frame: in pixels, degrees and shares (mouth and blink 0 … 1)."""

    mouth: float = 0.0
    blink: float = 0.0
    sway: tuple[float, float] = (0.0, 0.0)
    tilt_deg: float = 0.0
    zoom: float = 1.0


class DemoFace:
    """Draws the portrait in any gesture, (HEIGHT, WIDTH, 3) BGR. Raises EdgeError without scikit-image."""

    def __init__(self) -> None:
        try:
            from skimage.data import astronaut
        except ImportError as error:
            raise EdgeError(
                "The demo clip needs scikit-image for its face: pip install 'edge-emotion[demo]'."
            ) from error
        self._portrait: Image = cv2.cvtColor(astronaut(), cv2.COLOR_RGB2BGR)
        rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
        self._x = (columns - WIDTH / 2) / _ZOOM + _CENTRE[0]
        self._y = (rows - HEIGHT / 2) / _ZOOM + _CENTRE[1]
        across, down = (self._x - _HEAD[0]) / _HEAD_RADIUS, (self._y - _HEAD[1]) / (1.25 * _HEAD_RADIUS)
        # The head moves before a background that does not: the motion fades with the distance from the head.
        self._near = np.exp(-(across**4) - down**4)

    def draw(self, gesture: Gesture) -> Image:
        """One frame, found backwards: from its pixels through head, eyelids and jaw to the portrait's pixels."""
        x, y = self._head_moved(gesture)
        y[_EYES_REGION] = _eyes_closed(x[_EYES_REGION], y[_EYES_REGION], gesture.blink)
        y[_JAW_REGION], inside = _jaw_dropped(x[_JAW_REGION], y[_JAW_REGION], gesture.mouth)
        picture = cv2.remap(self._portrait, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
        weight = cv2.GaussianBlur(inside, (0, 0), 1.2)[..., None]
        picture[_JAW_REGION] = picture[_JAW_REGION] * (1 - weight) + _INSIDE * weight
        return np.asarray(picture, dtype=np.uint8)

    def _head_moved(self, gesture: Gesture) -> tuple[_Map, _Map]:
        """Sway, tilt (a small angle) and zoom about the chin."""
        angle = math.radians(gesture.tilt_deg) * self._near
        scale = 1 + (gesture.zoom - 1) * self._near
        dx = (self._x - _HEAD[0] - gesture.sway[0] * self._near) / scale
        dy = (self._y - _CHIN_Y - gesture.sway[1] * self._near) / scale
        x, y = _HEAD[0] + dx + angle * dy, _CHIN_Y + dy - angle * dx
        return x.astype(np.float32), y.astype(np.float32)


def _eyes_closed(x: _Map, y: _Map, blink: float) -> _Map:
    """The skin of the upper lids drawn down over the eyes, which are squeezed below it."""
    for eye_x, eye_y in _EYES:
        share = blink * np.clip(1 - ((x - eye_x) / _EYE_HALF_WIDTH) ** 2, 0, 1) ** 0.5
        fold, is_open, lower = eye_y + _LID_FOLD, eye_y + _LID_OPEN, eye_y + _LOWER_LID
        edge = is_open + (_LID_SHUT - _LID_OPEN) * share
        lid = fold + (y - fold) * (is_open - fold) / (edge - fold)
        eye = lower - (lower - y) * (lower - is_open) / (lower - edge)
        y = np.where((y > fold) & (y <= edge), lid, np.where((y > edge) & (y < lower), eye, y))
    return y


def _jaw_dropped(x: _Map, y: _Map, mouth: float) -> tuple[_Map, _Map]:
    """What is below the teeth moves down with the jaw; gives the source rows, and 0 … 1 where the mouth is open."""
    across = (x - _MOUTH_X) / _MOUTH_HALF_WIDTH
    parting = _PARTING_Y - _PARTING_RISE * np.minimum(across**2, 1.0)
    drop = _WIDEST_OPENING * mouth
    gap = drop * np.clip(1 - across**2, 0, 1) ** 0.8
    source = y
    for _ in range(6):  # y = source + shift(source), solved for the source
        source = y - drop * _jaw_share(x, source)
    below = y > parting + gap
    inside = (y > parting) & ~below & (gap > 0.2)
    rows = np.where(below, np.maximum(source, parting), np.minimum(y, parting))
    return rows, inside.astype(np.float32)


def _jaw_share(x: _Map, y: _Map) -> _Map:
    """How much of the jaw's way a place goes: all of it from lip to chin, ever less towards cheeks and neck."""
    down = np.clip((y - _PARTING_Y) / (_CHIN_Y - _PARTING_Y), 0, 1)
    half_width = _MOUTH_HALF_WIDTH + (_JAW_HALF_WIDTH - _MOUTH_HALF_WIDTH) * down
    across = np.clip(1 - ((x - _MOUTH_X) / half_width) ** 2, 0, 1) ** 0.8
    along = np.clip((_NECK_Y - y) / (_NECK_Y - _CHIN_Y), 0, 1)
    return np.asarray(across * along, dtype=np.float32)
