"""How much moves from one picture to the next, apart from noise and changes of light."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.samples import Frame, Image

Grey = NDArray[np.float32]

WIDTH_PX = 160
"""Pictures are looked at this small: noise averages out, and a hand is still a dozen pixels wide."""
_NOISE_TIMES = 4.0
_LEAST_GREY = 4.0
_MAD_TO_SIGMA = 1.4826


@dataclass(frozen=True)
class Motion:
    """What changed from the picture before to the one at `t_ns`.

    `energy`: grey levels, mean over all pixels. `spread`: how far apart it is, root mean square distance from its
    centre as a fraction of the picture's width; NaN where nothing moved.
    """

    t_ns: int
    energy: float
    spread: float


class MotionMeter:
    """Takes pictures one by one."""

    def __init__(self) -> None:
        self._last: Grey | None = None

    def step(self, frame: Frame) -> Motion:
        """The motion since the picture before; none for the first one."""
        small = _small(frame.image)
        last, self._last = self._last, small
        if last is None or last.shape != small.shape:
            return Motion(frame.t_ns, 0.0, float("nan"))
        change = small - last
        # The median is what light does to most of the picture; hands are small.
        change = np.abs(change - np.median(change))
        noise = _MAD_TO_SIGMA * float(np.median(change))
        change[change <= max(_LEAST_GREY, _NOISE_TIMES * noise)] = 0.0
        return Motion(frame.t_ns, float(change.mean()), _spread(change))


def _small(image: Image) -> Grey:
    height = max(1, round(image.shape[0] * WIDTH_PX / image.shape[1]))
    grey = cv2.cvtColor(cv2.resize(image, (WIDTH_PX, height), interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)
    return np.asarray(grey, np.float32)


def _spread(change: Grey) -> float:
    total = float(change.sum())
    if total <= 0:
        return float("nan")
    squared = 0.0
    for axis in (0, 1):
        profile = change.sum(axis=1 - axis) / total
        places = np.arange(len(profile))
        squared += float(profile @ np.square(places)) - float(profile @ places) ** 2
    return math.sqrt(max(0.0, squared)) / int(change.shape[1])
