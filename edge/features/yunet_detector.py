"""YuNet (Wu, Peng, Yu 2023) through cv2.FaceDetectorYN: the detector of choice where its model file is at hand."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np

from edge.config.paths import home_dir
from edge.errors import ConfigError
from edge.features.picture import as_bgr, detection, shrink, too_small
from edge.samples import Detection, Image

SCORE_THRESHOLD = 0.7
OVERLAP_THRESHOLD = 0.3
CANDIDATES = 200
DETECT_PX = 320
MODEL_PATTERN = "face_detection_yunet*.onnx"


def yunet_folders() -> list[Path]:
    """Where an installer or a user may have put the model file, first match first."""
    data_home = os.environ.get("XDG_DATA_HOME") or str(home_dir() / ".local" / "share")
    return [
        Path("/usr/share/edge-emotion"),
        Path("/var/lib/edge-emotion/models"),
        Path(data_home) / "edge-emotion",
    ]


def find_yunet() -> Path | None:
    """The newest-named YuNet file in the known folders, or None."""
    for folder in yunet_folders():
        try:
            files = sorted(folder.glob(MODEL_PATTERN))
        except OSError:
            continue
        if files:
            return files[-1]
    return None


class YuNetDetector:
    """Faces with five landmarks by a YuNet ONNX file. Raises ConfigError when the file is missing or is no YuNet."""

    name = "yunet"

    def __init__(self, model: Path, *, detect_px: int = DETECT_PX, threshold: float = SCORE_THRESHOLD) -> None:
        if not model.is_file():
            raise ConfigError(
                f"YuNet model {model} does not exist: give the path of a face_detection_yunet .onnx file."
            )
        self.detect_px = detect_px
        self._size = (detect_px, detect_px)
        try:
            self._net = cv2.FaceDetectorYN.create(str(model), "", self._size, threshold, OVERLAP_THRESHOLD, CANDIDATES)
        except cv2.error as error:
            raise ConfigError(
                f"YuNet model {model} cannot be read by OpenCV {cv2.__version__}: "
                f"fetch face_detection_yunet from the OpenCV Zoo again."
            ) from error

    def detect(self, image_bgr: Image) -> list[Detection]:
        """All faces, in pixels of `image_bgr`."""
        if too_small(image_bgr):
            return []
        small, factor = shrink(as_bgr(image_bgr), self.detect_px)
        if too_small(small):
            return []
        size = (small.shape[1], small.shape[0])
        if size != self._size:
            self._net.setInputSize(size)
            self._size = size
        rows = self._net.detect(small)[1]
        if rows is None:
            return []
        rows = np.asarray(rows, dtype=np.float32)
        rows = rows[np.isfinite(rows).all(axis=1)]
        return [detection(row[:4], row[4:14], row[14], factor) for row in rows]
