"""Trains the student's face encoder on single pictures, from their labels and from its teacher's logits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from edge.samples import Floats
from engines.augment_faces import augment_faces
from engines.class_chances import class_chances
from engines.faces import FaceSet
from engines.loop import Batch, Outcome, Run, Schedule, descend
from engines.losses import distillation
from engines.metrics import figures
from engines.models.face_encoder import FaceEncoder

_SMOOTHING = 0.05


@dataclass(frozen=True)
class FaceRecipe:
    """How long and how hard."""

    epochs: int = 42
    batch: int = 96
    rate: float = 2.5e-3
    decay: float = 0.02
    averaging: float = 0.998
    balance: float = 0.5
    """0 takes faces as often as they come, 1 all emotions equally often."""
    alpha: float = 0.3
    """Share of the labels in the loss; the teacher has the rest."""
    temperature: float = 4.0
    seed: int = 7


class FaceDistillation:
    """What the training loop asks for: see engines.loop.

    The labels are FER2013's own. Mixed with FER+'s votes they cost 2 points of accuracy, and on filmed people most of
    the recall: voters call every faint expression neutral.
    """

    def __init__(self, faces: FaceSet, teacher: Floats | None, recipe: FaceRecipe) -> None:
        """`teacher` (n, 7): logits of every row of `faces`; None learns from the labels alone."""
        torch.manual_seed(recipe.seed)
        self.network = FaceEncoder()
        self._faces, self._teacher, self._recipe = faces, teacher, recipe
        self._rows = faces.rows("train")
        self._chances = class_chances(faces.labels[self._rows], recipe.balance)
        self.epoch_steps = max(1, len(self._rows) // recipe.batch)

    def groups(self) -> list[dict[str, Any]]:
        """One rate; batch norms and biases do not decay."""
        weights = [weight for weight in self.network.parameters() if weight.ndim > 1]
        others = [weight for weight in self.network.parameters() if weight.ndim <= 1]
        rate, decay = self._recipe.rate, self._recipe.decay
        return [
            {"params": weights, "lr": rate, "weight_decay": decay},
            {"params": others, "lr": rate, "weight_decay": 0.0},
        ]

    def batch(self, step: int, random: np.random.Generator) -> Batch:
        """Changed pictures, labels (n,) and the teacher's logits (n, 7)."""
        del step
        rows = random.choice(self._rows, self._recipe.batch, p=self._chances)
        pictures = augment_faces(self._faces.pooled[rows], random)
        labels = torch.from_numpy(self._faces.labels[rows])
        if self._teacher is None:
            return pictures, labels
        return pictures, labels, torch.from_numpy(self._teacher[rows])

    def loss(self, batch: Batch) -> Tensor:
        """Hinton's distillation, or cross-entropy where there is no teacher."""
        pictures, labels = batch[:2]
        logits = self.network.logits_pooled(pictures)
        if self._teacher is None:
            return functional.cross_entropy(logits, labels, label_smoothing=_SMOOTHING)
        return distillation(logits, batch[2], labels, self._recipe.alpha, self._recipe.temperature)

    def judge(self, network: FaceEncoder) -> dict[str, Any]:
        """Figures on the validation pictures."""
        return judge_faces(network, self._faces, self._faces.rows("validation", judged=True))


def distil_face(
    faces: FaceSet, teacher: Floats | None, recipe: FaceRecipe, run: Run, origin: str = ""
) -> tuple[FaceEncoder, Outcome]:
    """The encoder with averaged weights after `recipe.epochs`; goes on from the checkpoint in `run.folder`.

    A checkpoint of another `origin` (whatever says who taught it) is refused.
    """
    task = FaceDistillation(faces, teacher, recipe)
    schedule = Schedule(
        steps=recipe.epochs * task.epoch_steps,
        epoch_steps=task.epoch_steps,
        averaging=recipe.averaging,
        seed=recipe.seed,
        origin=origin,
    )
    outcome = descend(task, schedule, run)
    return task.network.eval(), outcome


def judge_faces(encoder: FaceEncoder, faces: FaceSet, rows: NDArray[np.int64]) -> dict[str, Any]:
    """Figures of single pictures."""
    return figures(faces.labels[rows], torch.softmax(face_logits(encoder, faces.pooled[rows]), dim=1).numpy())


def face_logits(encoder: FaceEncoder, pooled: NDArray[np.uint8]) -> Tensor:
    """Logits (n, 7) in the state of use, on the CPU."""
    encoder.eval()
    device = next(encoder.parameters()).device
    with torch.no_grad():
        parts = [
            encoder.logits_pooled(as_input(pooled[at : at + 256]).to(device)).cpu() for at in range(0, len(pooled), 256)
        ]
    return torch.cat(parts)


def as_input(pooled: NDArray[np.uint8]) -> Tensor:
    """(n, 64, 64) uint8 to (n, 1, 64, 64) float32."""
    return torch.from_numpy(pooled).float().unsqueeze(1)
