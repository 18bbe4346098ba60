"""Pictures as detectors want them: BGR, contiguous, and no larger than needed."""

from __future__ import annotations

import cv2
import numpy as np

from edge.samples import Box, Detection, Floats, Image

MIN_SIDE_PX = 16
"""A picture with a shorter side holds no face worth finding."""


def as_bgr(image: Image) -> Image:
    """(h, w, 3) contiguous uint8 of a gray, one-channel, BGR or BGRA picture."""
    if image.ndim == 2 or image.shape[2] == 1:
        return np.asarray(cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_GRAY2BGR), dtype=np.uint8)
    return np.ascontiguousarray(image[:, :, :3])


def shrink(image: Image, longest_px: int) -> tuple[Image, float]:
    """`image` with its longer side at most `longest_px`, and the factor (≤ 1) that was applied."""
    height, width = image.shape[:2]
    factor = min(1.0, longest_px / max(height, width, 1))
    if factor == 1.0:
        return image, 1.0
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    # Averaging keeps small faces sharp-edged without aliasing; it is the cheapest good reduction.
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8), factor


def too_small(image: Image) -> bool:
    """Whether no detector needs to look at this picture."""
    return image.ndim < 2 or min(image.shape[:2]) < MIN_SIDE_PX


def detection(box: Floats, landmarks: Floats, score: float, factor: float) -> Detection:
    """A Detection in full pixels from `box` (4,) and `landmarks` (5, 2) in pixels of a picture shrunk by `factor`."""
    x, y, width, height = (float(v) / factor for v in box)
    points = (landmarks.reshape(5, 2) / np.float32(factor)).astype(np.float32)
    return Detection(Box(x, y, width, height), points, float(score))
