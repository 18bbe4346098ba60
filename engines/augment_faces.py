"""Random changes of training faces: what differs between cameras, lights and heads, not between emotions."""

from __future__ import annotations

import math

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from edge.samples import Floats
from engines.models.face_encoder import WORKING_SIDE


def augment_faces(pooled: NDArray[np.uint8], random: np.random.Generator, side: int = WORKING_SIDE) -> Tensor:
    """(n, h, w) uint8 to (n, 1, side, side) float32: JPEG, pose, sharpness, light, noise, a covered patch."""
    faces = torch.from_numpy(_recompressed(pooled, random)).float().unsqueeze(1)
    faces = _focused(_moved(faces, side, random), random)
    faces = _lit(faces, random)
    faces = faces + _column(_sometimes(len(faces), 0.25, 1.0, 10.0, random)) * _normal(faces, random)
    return _covered(faces, random).clamp_(0.0, 255.0)


def estrange_faces(pooled: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """(n, h, w) uint8 as another kind of camera would show them: coarser, and stretched by up to 30 % either way.

    Nothing is trained on these. They show how wrong the eyes can be where pictures are not like FER2013's.
    """
    height, width = pooled.shape[1:]
    result = np.empty_like(pooled)
    for row, face in enumerate(pooled):
        side = int(random.integers(14, 41))
        coarse = cv2.resize(cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA), (width, height))
        across = math.exp(random.uniform(-0.26, 0.26))
        matrix = np.array([[across, 0, (1 - across) * width / 2], [0, 1 / across, (1 - 1 / across) * height / 2]])
        result[row] = cv2.warpAffine(coarse, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return result


def _recompressed(pooled: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    result: NDArray[np.uint8] = pooled.copy()
    for row in np.flatnonzero(random.random(len(pooled)) < 0.1):
        quality = int(random.integers(25, 80))
        _, stream = cv2.imencode(".jpg", pooled[row], [cv2.IMWRITE_JPEG_QUALITY, quality])
        result[row] = np.asarray(cv2.imdecode(stream, cv2.IMREAD_GRAYSCALE), np.uint8)
    return result


def _moved(faces: Tensor, side: int, random: np.random.Generator) -> Tensor:
    """Mirror, turn by up to 12°, scale by up to 12 % (and stretch by 3 %), shift by up to 5 % of the side."""
    n = len(faces)
    angle = np.radians(random.uniform(-12, 12, n))
    scale = random.uniform(0.88, 1.12, n)
    stretch = random.uniform(0.97, 1.03, n)
    mirror = random.choice([-1.0, 1.0], n)
    shift = random.uniform(-0.1, 0.1, (n, 2))
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    across = np.stack([cos * mirror * stretch, -sin / stretch, shift[:, 0]], 1)
    down = np.stack([sin * mirror * stretch, cos / stretch, shift[:, 1]], 1)
    matrix = torch.from_numpy(np.stack([across, down], 1).astype(np.float32))
    grid = functional.affine_grid(matrix, [n, 1, side, side], align_corners=False)
    return functional.grid_sample(faces, grid, padding_mode="border", align_corners=False)


def _focused(faces: Tensor, random: np.random.Generator) -> Tensor:
    """From blurred (-1) over unchanged (0) to sharpened (1.2): cameras see finer than the training pictures do."""
    blurred = functional.avg_pool2d(faces, 3, 1, 1, count_include_pad=False)
    amount = random.uniform(-1.0, 1.2, len(faces)) * (random.random(len(faces)) < 0.5)
    return faces + _column(amount) * (faces - blurred)


def _lit(faces: Tensor, random: np.random.Generator) -> Tensor:
    """Gamma, and for some a light from one side; the encoder itself takes contrast away."""
    n = len(faces)
    faces = 255.0 * (faces.clamp(0.0, 255.0) / 255.0 + 1e-3) ** _column(random.uniform(0.7, 1.4, n))
    direction = random.uniform(0, 2 * math.pi, n)
    strength = _sometimes(n, 0.3, 0.1, 0.5, random)
    line = torch.linspace(-1, 1, faces.shape[3])
    x = _column(strength * np.cos(direction)) * line.view(1, 1, 1, -1)
    y = _column(strength * np.sin(direction)) * line.view(1, 1, -1, 1)
    return faces * (1.0 + x + y)


def _covered(faces: Tensor, random: np.random.Generator) -> Tensor:
    """A grey patch over a quarter of the faces (Zhong et al. 2020, random erasing)."""
    n, side = len(faces), faces.shape[3]
    size = random.uniform(0.12, 0.4, (n, 2)) * (random.random((n, 1)) < 0.25)
    start = random.uniform(0.0, 1.0, (n, 2)) * (1.0 - size)
    place = (np.arange(side) + 0.5) / side
    inside = (place >= start[:, :, None]) & (place < (start + size)[:, :, None])
    patch = torch.from_numpy(inside[:, 0, :, None] & inside[:, 1, None, :]).unsqueeze(1)
    return torch.where(patch, _column(random.uniform(0, 255, n)), faces)


def _sometimes(n: int, chance: float, low: float, high: float, random: np.random.Generator) -> Floats:
    amount = random.uniform(low, high, n) * (random.random(n) < chance)
    return amount.astype(np.float32)


def _normal(like: Tensor, random: np.random.Generator) -> Tensor:
    source = torch.Generator().manual_seed(int(random.integers(2**31)))
    return torch.randn(like.shape, generator=source)


def _column(values: NDArray[np.floating]) -> Tensor:
    """(n,) as (n, 1, 1, 1) float32."""
    return torch.from_numpy(np.asarray(values, np.float32)).view(-1, 1, 1, 1)
