"""A real face to move about: scikit-image's astronaut, pasted at known places, and heads projected at known angles."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from edge.features.pose import HEAD_MM
from edge.samples import Box, Detection

# Where YuNet and yuface see the astronaut's landmarks in her 512x512 picture (her right eye first).
LANDMARKS = np.array([[200, 102], [247, 102.5], [220.5, 124.5], [198.5, 143], [239.5, 143.5]], dtype=np.float32)
BOX = Box(178.0, 63.0, 89.5, 113.0)
_PART = (slice(20, 220), slice(120, 320))


def astronaut():
    """Her portrait, BGR (512, 512, 3)."""
    data = pytest.importorskip("skimage.data")
    return cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR)


def textured(width: int, height: int):
    """A wall with a pattern that optical flow can hold on to."""
    noise = np.random.default_rng(3).integers(60, 190, (height // 16 + 1, width // 16 + 1, 3), dtype=np.uint8)
    return cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)


def scene(*places: tuple[float, float], width: int = 640, height: int = 480, scale: float = 1.0):
    """A picture with the head at each place (centre x, y), and what a perfect detector says of it."""
    image = textured(width, height)
    part = astronaut()[_PART]
    found = []
    for x, y in places:
        matrix = np.array([[scale, 0, x - 100 * scale], [0, scale, y - 100 * scale]])
        head = cv2.warpAffine(part, matrix, (width, height))
        mask = cv2.warpAffine(np.full(part.shape, 255, np.uint8), matrix, (width, height))
        image = np.where(mask > 127, head, image)
        shift = np.array([matrix[0, 2] - 120 * scale, matrix[1, 2] - 20 * scale])
        box = Box(BOX.x * scale + shift[0], BOX.y * scale + shift[1], BOX.width * scale, BOX.height * scale)
        found.append(Detection(box, (LANDMARKS * scale + shift).astype(np.float32), 0.9))
    return image, found


def project(yaw=0.0, pitch=0.0, roll=0.0, *, at_mm=(0.0, 0.0, 600.0), width=640, height=480):
    """Landmarks (5, 2) of a head turned by these degrees (signs of samples.Pose); focal length = width."""
    a, b, c = math.radians(-pitch), math.radians(-yaw), math.radians(roll)
    rx = np.array([[1, 0, 0], [0, math.cos(a), -math.sin(a)], [0, math.sin(a), math.cos(a)]])
    ry = np.array([[math.cos(b), 0, math.sin(b)], [0, 1, 0], [-math.sin(b), 0, math.cos(b)]])
    rz = np.array([[math.cos(c), -math.sin(c), 0], [math.sin(c), math.cos(c), 0], [0, 0, 1]])
    points = HEAD_MM @ (rz @ ry @ rx).T + at_mm
    return (points[:, :2] / points[:, 2:] * width + (width / 2, height / 2)).astype(np.float32)
