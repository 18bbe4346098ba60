"""libfacedetection through the package yuface: weights inside the wheel (x86-64, Python up to 3.11 only)."""

from __future__ import annotations

import importlib
from types import ModuleType

import numpy as np

from edge.errors import ConfigError
from edge.features.picture import as_bgr, detection, shrink, too_small
from edge.samples import Detection, Image

SCORE_THRESHOLD = 0.7
DETECT_PX = 320


def yuface_module() -> ModuleType | None:
    """The package, or None where it is not installed or its library does not load."""
    try:
        return importlib.import_module("yuface")
    except (ImportError, OSError):
        return None


class YufaceDetector:
    """Faces with five landmarks by libfacedetection. Raises ConfigError where yuface cannot be imported."""

    name = "yuface"

    def __init__(self, *, detect_px: int = DETECT_PX, threshold: float = SCORE_THRESHOLD) -> None:
        module = yuface_module()
        if module is None:
            raise ConfigError(
                "Face detector 'yuface' is not installed: run `pip install yuface` (x86-64, Python 3.11 or older) "
                "or choose 'yunet' with a model file."
            )
        self._module = module
        self.detect_px = detect_px
        self._threshold = threshold

    def detect(self, image_bgr: Image) -> list[Detection]:
        """All faces, in pixels of `image_bgr`; coordinates come in whole pixels of the shrunk picture."""
        if too_small(image_bgr):
            return []
        small, factor = shrink(as_bgr(image_bgr), self.detect_px)
        if too_small(small):
            return []
        scores, boxes, landmarks = self._module.detect(small, conf=self._threshold)
        return [
            detection(np.asarray(box, np.float32), np.asarray(points, np.float32), int(score) / 100.0, factor)
            for score, box, points in zip(scores, boxes, landmarks, strict=True)
        ]
