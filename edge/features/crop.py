"""The face crop that the student sees: aligned by five landmarks, 128x128 gray, contrast equalised.

Training and the device both come through here, so that a face looks the same to both.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.samples import Floats, Image

CROP_PX = 128
CLAHE_CLIP = 3.0
CLAHE_GRID = (8, 8)

# Where the landmarks come to lie. The numbers are the medians of YuNet's landmarks on FER2013's
# pictures, so that those pictures and aligned camera faces share one framing: hairline to chin.
EYE_HEIGHT = 0.36
"""Height of the eyes, as a fraction of the crop from its top."""
INTEROCULAR = 0.40
"""Distance of the eyes, as a fraction of the crop's width."""
NOSE_DROP = 0.52
"""Nose tip below the line of the eyes, in interocular distances."""
MOUTH_DROP = 1.00
"""Mouth corners below the line of the eyes, in interocular distances."""
MOUTH_HALF_WIDTH = 0.40
"""Half the distance of the mouth corners, in interocular distances."""

_TEMPLATE_UNITS = np.array(
    [[-0.5, 0.0], [0.5, 0.0], [0.0, NOSE_DROP], [-MOUTH_HALF_WIDTH, MOUTH_DROP], [MOUTH_HALF_WIDTH, MOUTH_DROP]]
)
TEMPLATE = (_TEMPLATE_UNITS * INTEROCULAR + (0.5, EYE_HEIGHT)) * CROP_PX
"""(5, 2) float64: the landmarks of samples.Detection, in pixels of the crop."""


def similarity(source: NDArray[np.floating], target: NDArray[np.floating]) -> NDArray[np.float64]:
    """The rotation, scale and shift (2, 3) that bring `source` (n, 2) nearest to `target` (n, 2) in least squares.

    Closed form in complex numbers, target = a * source + b (Umeyama 1991 without reflection). Points that all
    coincide give scale 1. Raises ValueError on other shapes and on numbers that are not finite.
    """
    if source.shape != target.shape or source.ndim != 2 or source.shape[1] != 2:
        raise ValueError(f"points must be two (n, 2) arrays, not {source.shape} and {target.shape}")
    if not np.isfinite(source).all():
        raise ValueError("landmarks must be finite numbers")
    z = source[:, 0].astype(np.float64) + 1j * source[:, 1]
    w = target[:, 0].astype(np.float64) + 1j * target[:, 1]
    z0, w0 = z.mean(), w.mean()
    spread = float(np.sum(np.abs(z - z0) ** 2))
    a = np.sum(np.conj(z - z0) * (w - w0)) / spread if spread > 1e-9 else 0j
    if abs(a) < 1e-6:
        a = 1 + 0j
    b = w0 - a * z0
    return np.array([[a.real, -a.imag, b.real], [a.imag, a.real, b.imag]])


def to_gray(image: Image) -> Image:
    """(h, w) uint8 of a gray, one-channel, BGR or BGRA picture."""
    if image.ndim == 2:
        return image
    channels = image.shape[2]
    if channels == 1:
        return np.ascontiguousarray(image[:, :, 0])
    code = cv2.COLOR_BGRA2GRAY if channels == 4 else cv2.COLOR_BGR2GRAY
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(image), code), dtype=np.uint8)


def warp(gray: Image, matrix: NDArray[np.float64], width: int, height: int) -> Image:
    """`gray` through the similarity `matrix` into (height, width); large faces are averaged down, not sampled."""
    shrink = int(1.0 / max(float(np.hypot(matrix[0, 0], matrix[1, 0])), 1e-6))
    if shrink >= 2:
        gray, matrix = _averaged_down(gray, matrix, width, height, shrink)
    warped = cv2.warpAffine(gray, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(warped, dtype=np.uint8)


def _averaged_down(
    gray: Image, matrix: NDArray[np.float64], width: int, height: int, shrink: int
) -> tuple[Image, NDArray[np.float64]]:
    """The part of `gray` that the warp needs, `shrink` times smaller, and the matrix that fits it."""
    inverse = np.asarray(cv2.invertAffineTransform(matrix))
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]]) @ inverse.T
    picture = np.array([gray.shape[1], gray.shape[0]])
    first = np.clip(np.floor(corners.min(axis=0)) - shrink, 0, picture - 1).astype(int)
    last = np.clip(np.ceil(corners.max(axis=0)) + shrink, first + 1, picture).astype(int)
    part = gray[first[1] : last[1], first[0] : last[0]]
    small_size = (max(1, part.shape[1] // shrink), max(1, part.shape[0] // shrink))
    small = np.asarray(cv2.resize(part, small_size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    # Pixel centres lie at half numbers: p_full = (p_small + 0.5) * step - 0.5 + first.
    step = np.array([part.shape[1] / small_size[0], part.shape[0] / small_size[1]])
    linear = matrix[:, :2] * step
    shift = matrix[:, :2] @ (0.5 * step - 0.5 + first) + matrix[:, 2]
    return small, np.column_stack([linear, shift])


def aligned_gray(image: Image, landmarks: Floats) -> Image:
    """The aligned face (CROP_PX, CROP_PX) before its contrast is equalised."""
    return warp(to_gray(image), similarity(landmarks, TEMPLATE), CROP_PX, CROP_PX)


def equalise(crop: Image) -> Image:
    """CLAHE with the clip limit and grid that the student was trained on."""
    clahe = cv2.createCLAHE(clipLimit=CLAHE_CLIP, tileGridSize=CLAHE_GRID)
    return np.asarray(clahe.apply(crop), dtype=np.uint8)


def face_crop(image: Image, landmarks: Floats) -> Image:
    """The student's input (CROP_PX, CROP_PX) uint8 gray of the face at `landmarks` (5, 2) in `image`, BGR or gray.

    Outside the picture its border pixels are repeated. Raises ValueError on landmarks that are not (5, 2) and finite.
    """
    return equalise(aligned_gray(image, landmarks))


def face_crops(image: Image, landmarks: Sequence[Floats]) -> Image:
    """`face_crop` of several faces of one picture: (n, CROP_PX, CROP_PX) uint8."""
    gray = to_gray(image)
    crops = np.empty((len(landmarks), CROP_PX, CROP_PX), dtype=np.uint8)
    for index, points in enumerate(landmarks):
        crops[index] = face_crop(gray, points)
    return crops
