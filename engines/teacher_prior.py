"""A second teacher for faces: a face recogniser that has learnt emotions in a few passes over FER2013."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from edge.samples import Floats
from engines.augment_faces import augment_faces
from engines.class_chances import class_chances
from engines.distil_face import as_input
from engines.faces import FaceSet
from engines.loop import Batch, Run, Schedule, descend
from engines.metrics import figures
from engines.models.face_prior import FacePrior
from engines.teacher_visual import resized

_SMOOTHING = 0.05
_FRESH = 4.0  # the new classifier learns so many times faster than what was trained before
_SETTLING = 512
_AT_ONCE = 128


@dataclass(frozen=True)
class PriorRecipe:
    """How long and how hard."""

    epochs: int = 11
    batch: int = 48
    rate: float = 4e-4
    decay: float = 0.03
    averaging: float = 0.998
    balance: float = 0.5
    """0 takes faces as often as they come, 1 all emotions equally often."""
    side: int = 96
    """Pixels of a picture's side."""
    seed: int = 7


class PriorTask:
    """What the training loop asks for: see engines.loop."""

    def __init__(self, faces: FaceSet, manifest: Path, recipe: PriorRecipe) -> None:
        torch.manual_seed(recipe.seed)
        self.network = FacePrior()
        self._faces, self._recipe = faces, recipe
        self._rows = faces.rows("train")
        self._chances = class_chances(faces.labels[self._rows], recipe.balance)
        typical = np.random.default_rng(recipe.seed).choice(self._rows, _SETTLING)
        self.network.load_recogniser(manifest, resized(as_input(faces.pooled[typical]), recipe.side))

    def groups(self) -> list[dict[str, Any]]:
        """The classifier is new, all else is not."""
        body = [weight for name, weight in self.network.named_parameters() if not name.startswith("fc.")]
        rate, decay = self._recipe.rate, self._recipe.decay
        return [
            {"params": body, "lr": rate, "weight_decay": decay},
            {"params": self.network.fc.parameters(), "lr": _FRESH * rate, "weight_decay": decay},
        ]

    def batch(self, step: int, random: np.random.Generator) -> Batch:
        """Changed pictures (n, side, side) and labels (n,)."""
        del step
        rows = random.choice(self._rows, self._recipe.batch, p=self._chances)
        pictures = augment_faces(self._faces.pooled[rows], random, self._recipe.side)
        return pictures.squeeze(1), torch.from_numpy(self._faces.labels[rows])

    def loss(self, batch: Batch) -> Tensor:
        """Cross entropy."""
        return functional.cross_entropy(self.network.logits(batch[0]), batch[1], label_smoothing=_SMOOTHING)

    def judge(self, network: FacePrior) -> dict[str, Any]:
        """Figures on the validation pictures."""
        rows = self._faces.rows("validation", judged=True)
        logits = prior_logits(network, self._faces.pooled[rows], self._recipe.side)
        return figures(self._faces.labels[rows], torch.softmax(torch.from_numpy(logits), dim=1).numpy())


def train_prior(faces: FaceSet, manifest: Path, recipe: PriorRecipe, run: Run) -> FacePrior:
    """The recogniser of `manifest` after `recipe.epochs` of emotions; goes on from the checkpoint in `run.folder`."""
    task = PriorTask(faces, manifest, recipe)
    steps = max(1, len(faces.rows("train")) // recipe.batch)
    schedule = Schedule(recipe.epochs * steps, steps, averaging=recipe.averaging, seed=recipe.seed)
    descend(task, schedule, run)
    return task.network.eval()


def prior_logits(network: FacePrior, pooled: NDArray[np.uint8], side: int) -> Floats:
    """Logits (n, 7) of pictures (n, h, w): the mean of each one's and its mirror image's."""
    device = next(network.parameters()).device
    network.eval()
    parts = []
    with torch.no_grad():
        for at in range(0, len(pooled), _AT_ONCE):
            pictures = resized(as_input(pooled[at : at + _AT_ONCE]), side).to(device)
            parts.append((network.logits(pictures) + network.logits(pictures.flip(2))).cpu() / 2)
    return np.asarray(torch.cat(parts).numpy(), np.float32)
