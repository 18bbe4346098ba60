"""The teacher's first stage: faces."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from engines.augment_faces import augment_faces
from engines.class_chances import class_chances
from engines.faces import FaceSet
from engines.losses import cross_entropy_soft
from engines.metrics import figures
from engines.models.teacher import Teacher
from engines.task import Batch
from engines.teacher_settings import NEW_RATE, PRETRAINED_RATE, RECURRENT_RATE, TeacherSettings, group

Rows = NDArray[np.int64]
_BALANCE = 0.5  # 0 takes faces as often as they come, 1 all emotions equally often
_JUDGED_AT_ONCE = 256


class VisualTask:
    """Trains `teacher.visual` and its classifier.

    FER2013 has single pictures, not films: a sequence is 1 … `frames` differently changed copies of one picture, so
    the LSTM learns to gather what frames agree on; movement is not in the data and is not learned.
    """

    def __init__(self, teacher: Teacher, faces: FaceSet, settings: TeacherSettings, *, pretrained: bool) -> None:
        self.network = teacher
        self._faces, self._settings, self._pretrained = faces, settings, pretrained
        self._rows = faces.rows("train")
        self._chances = class_chances(faces.labels[self._rows], _BALANCE)

    def groups(self) -> list[dict[str, Any]]:
        """ImageNet's layers slowly, new ones faster."""
        visual = self.network.visual
        fc, fresh = visual.backbone.fc, NEW_RATE
        body = [part for name, part in visual.backbone.named_children() if name != "fc"]
        return [
            group(PRETRAINED_RATE if self._pretrained else fresh, *body),
            group(RECURRENT_RATE, visual.lstm),
            group(fresh, fc, self.network.classify_video),
        ]

    def batch(self, step: int, random: np.random.Generator) -> Batch:
        """Frames (n, t, side, side), mask (n, t), soft targets (n, 7)."""
        del step
        rows = random.choice(self._rows, self._settings.batch, p=self._chances)
        frames, mask = face_sequences(self._faces.pooled[rows], self._settings, random)
        return frames, mask, torch.from_numpy(self._faces.targets[rows])

    def loss(self, batch: Batch) -> Tensor:
        """Cross entropy of the sequences, and of the single frames."""
        frames, mask, targets = batch
        logits, each = self.network.see(frames, mask)
        return visual_loss(logits, each, mask, targets)

    def judge(self, network: Teacher) -> dict[str, Any]:
        """Single pictures of the validation part."""
        rows = self._faces.rows("validation", judged=True)
        logits = picture_logits(network, self._faces.pooled[rows], self._settings.side)
        labels = self._faces.labels[rows]
        return judged(labels, logits)


def visual_loss(logits: Tensor, each: Tensor, mask: Tensor, targets: Tensor) -> Tensor:
    """Of sequences (n, 7) and of each of their frames (frames, 7), against (n, 7)."""
    of_each = targets.unsqueeze(1).expand(-1, mask.shape[1], -1)[mask > 0]
    return cross_entropy_soft(logits, targets) + cross_entropy_soft(each, of_each)


def face_sequences(
    pooled: NDArray[np.uint8], settings: TeacherSettings, random: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Changed copies of each picture (n, h, w) as frames (n, t, side, side), and mask (n, t): 1 … t are there."""
    n, t, side = len(pooled), settings.frames, settings.side
    counts = random.integers(1, t + 1, n)
    mask = np.arange(t) < counts[:, None]
    owners = np.nonzero(mask)[0]
    frames = torch.zeros(n, t, side, side)
    if settings.changes:
        frames[torch.from_numpy(mask)] = augment_faces(pooled[owners], random, side).squeeze(1)
    else:
        frames[torch.from_numpy(mask)] = as_frames(pooled[owners], side).squeeze(1)
    return frames, torch.from_numpy(mask.astype(np.float32))


def picture_logits(teacher: Teacher, pooled: NDArray[np.uint8], side: int) -> Tensor:
    """Video logits (n, 7) on the CPU of single pictures (n, h, w), each a sequence of one."""
    device = next(teacher.parameters()).device
    parts = []
    with torch.no_grad():
        for at in range(0, len(pooled), _JUDGED_AT_ONCE):
            frames = as_frames(pooled[at : at + _JUDGED_AT_ONCE], side).to(device)
            parts.append(teacher.eval().see(frames, frames.new_ones(frames.shape[:2]))[0].cpu())
    return torch.cat(parts)


def resized(pictures: Tensor, side: int) -> Tensor:
    """(n, 1, h, w) to (n, side, side)."""
    if pictures.shape[2:] != (side, side):
        pictures = functional.interpolate(pictures, (side, side), mode="bilinear", antialias=True)
    return pictures.squeeze(1)


def as_frames(pooled: NDArray[np.uint8], side: int) -> Tensor:
    """Pictures (n, h, w) as sequences of one, (n, 1, side, side) float32."""
    return resized(torch.from_numpy(pooled).float().unsqueeze(1), side).unsqueeze(1)


def judged(labels: Rows, logits: Tensor) -> dict[str, Any]:
    """Figures of logits (n, 7), and their mean cross entropy as `loss`."""
    loss = float(functional.cross_entropy(logits, torch.from_numpy(labels)))
    return {**figures(labels, torch.softmax(logits, dim=1).numpy()), "loss": loss}
