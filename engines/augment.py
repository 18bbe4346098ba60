"""Random changes of training faces and sounds: what differs between cameras, rooms and heads, not between emotions."""

from __future__ import annotations

import math

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from edge.samples import Floats


def augment_faces(pooled: NDArray[np.uint8], random: np.random.Generator) -> Tensor:
    """(n, 64, 64) uint8 to (n, 1, 64, 64) float32: JPEG, pose, light, sharpness, noise, a covered patch."""
    faces = torch.from_numpy(_recompressed(pooled, random)).float().unsqueeze(1)
    noise = torch.Generator().manual_seed(int(random.integers(2**31)))
    faces = _moved(faces, random)
    faces = _lit(faces, random)
    faces = _focused(faces, random)
    deviation = torch.from_numpy(_sometimes(len(faces), 0.3, 1.0, 10.0, random)).view(-1, 1, 1, 1)
    faces = faces + deviation * torch.randn(faces.shape, generator=noise)
    return _covered(faces, random).clamp(0.0, 255.0)


def _recompressed(pooled: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    result: NDArray[np.uint8] = pooled.copy()
    for row in np.flatnonzero(random.random(len(pooled)) < 0.15):
        quality = int(random.integers(25, 80))
        _, stream = cv2.imencode(".jpg", pooled[row], [cv2.IMWRITE_JPEG_QUALITY, quality])
        result[row] = np.asarray(cv2.imdecode(stream, cv2.IMREAD_GRAYSCALE), np.uint8)
    return result


def _moved(faces: Tensor, random: np.random.Generator) -> Tensor:
    """Mirror, turn by up to 14°, scale by up to 14 %, shift by up to 4 of 64 pixels."""
    n = len(faces)
    angle = np.radians(random.uniform(-14, 14, n))
    scale = random.uniform(0.88, 1.14, n)
    mirror = random.choice([-1.0, 1.0], n)
    shift = random.uniform(-4 / 32, 4 / 32, (n, 2))
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    matrix = np.stack(
        [np.stack([cos * mirror, -sin, shift[:, 0]], 1), np.stack([sin * mirror, cos, shift[:, 1]], 1)], 1
    )
    grid = functional.affine_grid(torch.from_numpy(matrix.astype(np.float32)), list(faces.shape), align_corners=False)
    return functional.grid_sample(faces, grid, padding_mode="border", align_corners=False)


def _lit(faces: Tensor, random: np.random.Generator) -> Tensor:
    """Gamma, contrast, and for some a light from one side."""
    n = len(faces)
    gamma = torch.from_numpy(random.uniform(0.7, 1.4, n).astype(np.float32)).view(-1, 1, 1, 1)
    contrast = torch.from_numpy(random.uniform(0.6, 1.0, n).astype(np.float32)).view(-1, 1, 1, 1)
    faces = 255.0 * (faces.clamp(0.0, 255.0) / 255.0 + 1e-4) ** gamma * contrast
    direction = random.uniform(0, 2 * math.pi, n)
    strength = _sometimes(n, 0.3, 0.1, 0.5, random)
    line = torch.linspace(-1, 1, faces.shape[3])
    x = torch.from_numpy((strength * np.cos(direction)).astype(np.float32)).view(-1, 1, 1, 1) * line.view(1, 1, 1, -1)
    y = torch.from_numpy((strength * np.sin(direction)).astype(np.float32)).view(-1, 1, 1, 1) * line.view(1, 1, -1, 1)
    return faces * (1.0 + x + y)


def _focused(faces: Tensor, random: np.random.Generator) -> Tensor:
    """From blurred (-1) over unchanged (0) to sharpened (1.2): cameras see finer than the training pictures do."""
    blurred = functional.avg_pool2d(faces, 3, 1, 1, count_include_pad=False)
    amount = random.uniform(-1.0, 1.2, len(faces)) * (random.random(len(faces)) < 0.6)
    return faces + torch.from_numpy(amount.astype(np.float32)).view(-1, 1, 1, 1) * (faces - blurred)


def _covered(faces: Tensor, random: np.random.Generator) -> Tensor:
    """A grey patch over a quarter of the faces (Zhong et al. 2020, random erasing)."""
    side = faces.shape[3]
    for row in np.flatnonzero(random.random(len(faces)) < 0.25):
        height, width = random.integers(8, 26, 2)
        top, left = random.integers(0, side - height), random.integers(0, side - width)
        faces[row, :, top : top + height, left : left + width] = float(random.uniform(0, 255))
    return faces


def _sometimes(n: int, chance: float, low: float, high: float, random: np.random.Generator) -> Floats:
    amount = random.uniform(low, high, n) * (random.random(n) < chance)
    return amount.astype(np.float32)


def augment_sound(sound: Floats, mask: Floats, speakers: Floats, random: np.random.Generator) -> tuple[Floats, Floats]:
    """(n, 100, 120) and (n, 100): another speaker's spectrum, and frames blanked out (Park et al. 2019, SpecAugment).

    `speakers` (40,) is how much the mean of each static coefficient differs from speaker to speaker.
    """
    sound, mask = sound.copy(), mask.copy()
    shift = random.normal(0.0, 1.0, (len(sound), 1, len(speakers))) * speakers
    sound[:, :, : len(speakers)] += shift.astype(np.float32)
    for row in np.flatnonzero(random.random(len(sound)) < 0.6):
        length = int(random.integers(3, 26))
        start = int(random.integers(0, sound.shape[1] - length))
        mask[row, start : start + length] = 0.0
    return sound, mask


def mix_windows(
    sound: Tensor, mask: Tensor, targets: Tensor, random: np.random.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """Each window with another one laid over it, the targets in the same shares (Zhang et al. 2018, mixup)."""
    n = len(sound)
    other = torch.from_numpy(random.permutation(n))
    share = torch.from_numpy(random.beta(0.4, 0.4, n).astype(np.float32))
    mixed = share.view(-1, 1, 1) * sound + (1.0 - share).view(-1, 1, 1) * sound[other]
    return mixed, mask * mask[other], share.view(-1, 1) * targets + (1.0 - share).view(-1, 1) * targets[other]
