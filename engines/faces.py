"""Training faces through the device's own crop, once, into a cache."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.features import crop
from edge.features.crop import CROP_PX, TEMPLATE, face_crop
from edge.features.face import Detector, make_detector
from edge.samples import Detection, Floats, Image
from engines.cache import cached
from engines.datasets import fer2013
from engines.datasets.fer2013 import read_fer2013
from engines.datasets.splits import Part
from engines.progress import progress

POOLED_SIDE = 64
_ENLARGED = 160
_BORDER = 40


@dataclass(frozen=True)
class FaceSet:
    """Faces of FER2013, row by row."""

    pooled: NDArray[np.uint8]
    """(n, 64, 64): crops as `face_encoder.pool_crops` would leave them."""
    targets: Floats
    """(n, 7) soft labels."""
    labels: NDArray[np.int64]
    parts: NDArray[np.str_]
    usable: NDArray[np.bool_]
    judged: NDArray[np.bool_]
    found: NDArray[np.bool_]
    """Whether the detector saw the face; the template's landmarks were used otherwise."""

    def rows(self, part: Part, *, judged: bool = False) -> NDArray[np.int64]:
        """Indices of a part: those to train on, or those to judge by."""
        return np.flatnonzero((self.parts == part) & (self.judged if judged else self.usable))


def find_detector(folder: Path) -> Detector:
    """YuNet's model beside the data when there is one, else the best that is installed."""
    models = sorted(folder.glob("face_detection_yunet*.onnx"))
    return make_detector("yunet", models[-1]) if models else make_detector()


def load_faces(archive: Path, cache: Path) -> FaceSet:
    """All faces of the FER2013 archive; the first call takes about two minutes, later ones a second."""
    arrays = cached(cache, "faces", archive, [crop, fer2013], lambda: _prepare(archive))
    return FaceSet(**arrays)


def _prepare(archive: Path) -> dict[str, NDArray[np.generic]]:
    pixels, pictures = read_fer2013(archive)
    detector = find_detector(archive.parent)
    pooled = np.empty((len(pixels), POOLED_SIDE, POOLED_SIDE), np.uint8)
    found = np.zeros(len(pixels), np.bool_)
    for row in progress(range(len(pixels)), "faces of FER2013"):
        face, found[row] = small_picture_crop(pixels[row], detector)
        pooled[row] = pool_crop(face)
    return {
        "pooled": pooled,
        "targets": np.stack([picture.target for picture in pictures]),
        "labels": np.array([picture.label for picture in pictures], np.int64),
        "parts": np.array([picture.part for picture in pictures]),
        "usable": np.array([picture.usable for picture in pictures]),
        "judged": np.array([picture.judged for picture in pictures]),
        "found": found,
    }


def small_picture_crop(picture: Image, detector: Detector) -> tuple[Image, bool]:
    """Crop (128, 128) of a 48×48 picture that is all face, and whether the detector found that face.

    The picture is enlarged and given a border, so that a face that fills it is neither too small nor cut.
    """
    large = cv2.resize(picture, (_ENLARGED, _ENLARGED), interpolation=cv2.INTER_CUBIC)
    large = cv2.copyMakeBorder(large, _BORDER, _BORDER, _BORDER, _BORDER, cv2.BORDER_REPLICATE)
    gray = np.asarray(large, np.uint8)
    best = most_central(detector.detect(np.repeat(gray[:, :, None], 3, axis=2)), gray.shape[1], gray.shape[0])
    landmarks = _template_landmarks() if best is None else best.landmarks
    return face_crop(gray, landmarks), best is not None


def most_central(detections: list[Detection], width: int, height: int) -> Detection | None:
    """The large detection nearest to the middle of the picture, or None when there is none."""

    def offence(face: Detection) -> float:
        x = face.box.x + face.box.width / 2 - width / 2
        y = face.box.y + face.box.height / 2 - height / 2
        return float(np.hypot(x, y)) - face.box.width / 2

    return min(detections, key=offence, default=None)


def pool_crop(face: Image) -> Image:
    """(128, 128) to (64, 64) by the same overlapping means as `face_encoder.pool_crops`, rounded to whole grays."""
    means = cv2.boxFilter(face, cv2.CV_32F, (4, 4), anchor=(1, 1), borderType=cv2.BORDER_REFLECT_101)
    return np.asarray(np.rint(means[::2, ::2]), np.uint8)


def _template_landmarks() -> Floats:
    scale = _ENLARGED / CROP_PX
    return (TEMPLATE * scale + _BORDER).astype(np.float32)
