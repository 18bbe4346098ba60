"""Trains the face encoder on single pictures."""

from __future__ import annotations

import copy
import logging
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engines.augment import augment_faces
from engines.faces import FaceSet
from engines.losses import cross_entropy_soft
from engines.metrics import figures
from engines.models.face_encoder import FaceEncoder
from engines.progress import progress

LOG = logging.getLogger(__name__)
_AVERAGING = 0.998


@dataclass(frozen=True)
class FaceRecipe:
    """How long and how hard."""

    epochs: int = 22
    batch: int = 64
    rate: float = 2e-3
    decay: float = 0.02
    seed: int = 7


def train_face(faces: FaceSet, recipe: FaceRecipe, checkpoint: Path) -> FaceEncoder:
    """The encoder with averaged weights after `recipe.epochs`; goes on from `checkpoint`, written every epoch."""
    torch.manual_seed(recipe.seed)
    encoder = FaceEncoder()
    average = copy.deepcopy(encoder)
    optimiser = torch.optim.AdamW(encoder.parameters(), recipe.rate, weight_decay=recipe.decay)
    first = _resume(checkpoint, encoder, average, optimiser)
    validation = faces.rows("validation", judged=True)
    for epoch in range(first, recipe.epochs):
        started = time.monotonic()
        loss = _epoch(encoder, average, optimiser, faces, recipe, epoch)
        judged = judge_faces(average, faces, validation)
        LOG.info(
            "face epoch %d of %d: loss %.3f, validation accuracy %.3f, UAR %.3f, %.0f s",
            epoch + 1, recipe.epochs, loss, judged["accuracy"], judged["uar"], time.monotonic() - started,
        )  # fmt: skip
        _store(checkpoint, epoch + 1, encoder, average, optimiser)
    return average.eval()


def _epoch(
    encoder: FaceEncoder,
    average: FaceEncoder,
    optimiser: torch.optim.Optimizer,
    faces: FaceSet,
    recipe: FaceRecipe,
    epoch: int,
) -> float:
    encoder.train()
    random = np.random.default_rng([recipe.seed, epoch])
    batches = list(_batches(faces, recipe.batch, random))
    losses = []
    for number, rows in enumerate(progress(batches, f"face epoch {epoch + 1}")):
        _set_rate(optimiser, recipe, (epoch + number / len(batches)) / recipe.epochs)
        pictures = augment_faces(faces.pooled[rows], random)
        loss = cross_entropy_soft(encoder.logits_pooled(pictures), torch.from_numpy(faces.targets[rows]))
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        step = epoch * len(batches) + number
        update_average(average, encoder, min(_AVERAGING, (1 + step) / (10 + step)))
        losses.append(float(loss.detach()))
    return float(np.mean(losses))


def _batches(faces: FaceSet, size: int, random: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """As many rows as there are; rare classes come more often, by the root of their rarity."""
    rows = faces.rows("train")
    counts = np.bincount(faces.labels[rows], minlength=7)
    weight = 1.0 / np.sqrt(counts[faces.labels[rows]])
    chosen = random.choice(rows, len(rows) // size * size, p=weight / weight.sum())
    yield from chosen.reshape(-1, size)


def _set_rate(optimiser: torch.optim.Optimizer, recipe: FaceRecipe, done: float) -> None:
    """Warm up over 5 %, then fall along a cosine (Loshchilov & Hutter 2017)."""
    rate = recipe.rate * min(1.0, done / 0.05) * (0.5 + 0.5 * math.cos(math.pi * min(done, 1.0)))
    for group in optimiser.param_groups:
        group["lr"] = max(rate, 1e-6)


def update_average(average: torch.nn.Module, network: torch.nn.Module, keep: float) -> None:
    """Exponential moving average of weights and of batch statistics."""
    with torch.no_grad():
        for mean, value in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
            if mean.dtype.is_floating_point:
                mean.lerp_(value, 1.0 - keep)
            else:
                mean.copy_(value)


def judge_faces(encoder: FaceEncoder, faces: FaceSet, rows: NDArray[np.int64]) -> dict[str, Any]:
    """Figures of single pictures."""
    return figures(faces.labels[rows], torch.softmax(face_logits(encoder, faces.pooled[rows]), dim=1).numpy())


def face_logits(encoder: FaceEncoder, pooled: NDArray[np.uint8]) -> Tensor:
    """Logits (n, 7) in the state of use."""
    encoder.eval()
    with torch.no_grad():
        parts = [encoder.logits_pooled(as_input(pooled[at : at + 256])) for at in range(0, len(pooled), 256)]
    return torch.cat(parts)


def as_input(pooled: NDArray[np.uint8]) -> Tensor:
    """(n, 64, 64) uint8 to (n, 1, 64, 64) float32."""
    return torch.from_numpy(pooled).float().unsqueeze(1)


def _store(
    path: Path, epoch: int, encoder: FaceEncoder, average: FaceEncoder, optimiser: torch.optim.Optimizer
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    state = {"epoch": epoch, "encoder": encoder.state_dict(), "average": average.state_dict()}
    torch.save({**state, "optimiser": optimiser.state_dict()}, partial)
    partial.replace(path)


def _resume(path: Path, encoder: FaceEncoder, average: FaceEncoder, optimiser: torch.optim.Optimizer) -> int:
    if not path.exists():
        return 0
    state = torch.load(path, map_location="cpu", weights_only=True)
    encoder.load_state_dict(state["encoder"])
    average.load_state_dict(state["average"])
    optimiser.load_state_dict(state["optimiser"])
    return int(state["epoch"])
