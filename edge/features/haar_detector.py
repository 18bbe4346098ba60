"""Haar cascade (Viola, Jones 2001), the last resort: no landmarks of its own, so they are set by proportion."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from edge.errors import ConfigError
from edge.features.crop import to_gray
from edge.features.picture import detection, shrink, too_small
from edge.samples import Detection, Image

SCALE_STEP = 1.3
MIN_NEIGHBOURS = 5
DETECT_PX = 320
CASCADE_CLASS = "CascadeClassifier"  # by name: the stubs of OpenCV 5 do not know it
CASCADE = "haarcascade_frontalface_default.xml"

# Mean place of YuNet's landmarks inside the cascade's square, as fractions of its side.
_LANDMARKS = np.array([[0.31, 0.38], [0.69, 0.38], [0.50, 0.58], [0.35, 0.77], [0.65, 0.77]], dtype=np.float32)
_SYSTEM_FOLDERS = (Path("/usr/share/opencv4/haarcascades"), Path("/usr/share/opencv/haarcascades"))


def haar_cascade() -> Path | None:
    """The cascade's file where this OpenCV can use one (OpenCV 5 cannot), else None."""
    if not hasattr(cv2, CASCADE_CLASS):
        return None
    data = getattr(cv2, "data", None)
    folders = [Path(data.haarcascades)] if data is not None else []
    for folder in [*folders, *_SYSTEM_FOLDERS]:
        if (folder / CASCADE).is_file():
            return folder / CASCADE
    return None


class HaarDetector:
    """Upright frontal faces only. Raises ConfigError where this OpenCV has no cascades."""

    name = "haar"

    def __init__(self, *, detect_px: int = DETECT_PX) -> None:
        path = haar_cascade()
        if path is None:
            raise ConfigError(
                f"Face detector 'haar' needs an OpenCV with cascades, but this is {cv2.__version__}: "
                "install opencv-python older than 5 or choose 'yunet' or 'yuface'."
            )
        self.detect_px = detect_px
        self._cascade: Any = getattr(cv2, CASCADE_CLASS)(str(path))

    def detect(self, image_bgr: Image) -> list[Detection]:
        """All faces, in pixels of `image_bgr`, all with score 1."""
        if too_small(image_bgr):
            return []
        small, factor = shrink(to_gray(image_bgr), self.detect_px)
        if too_small(small):
            return []
        boxes = self._cascade.detectMultiScale(small, SCALE_STEP, MIN_NEIGHBOURS)
        rows = np.asarray(boxes, dtype=np.float32).reshape(-1, 4)
        return [detection(box, _LANDMARKS * box[2:] + box[:2], 1.0, factor) for box in rows]
