"""Trains what is left of the window head: how a face is read over a window, and how far to trust face and voice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from engines.augment_sound import augment_sound
from engines.class_chances import class_chances
from engines.face_bags import FaceBags
from engines.metrics import figures
from engines.models.window_head import VideoBranch, WindowHead
from engines.pairs import Pairs, modality_dropout
from engines.sound_statistics import speaker_deviation
from engines.sounds import Windows
from engines.task import Batch

_JUDGED_PAIRS = 1400
_FILMED_IDLE = 1.5
"""On film a third of the emotional seconds shows no emotion: what a face does not say is no reason against a voice."""


@dataclass(frozen=True)
class HeadRecipe:
    """Steps of `batch` windows each."""

    video_steps: int = 1500
    fusion_steps: int = 600
    batch: int = 64
    rate: float = 2e-3
    decay: float = 0.03
    fusion_rate: float = 5e-3
    modality_dropout: float = 0.2
    """How often a pair has no face, and how often no voice."""
    seed: int = 7


class VideoStudent(nn.Module):
    """The head's video branch and its classifier."""

    def __init__(self, head: WindowHead) -> None:
        super().__init__()
        self.branch: VideoBranch = head.video
        self.classify = head.classify_video

    def forward(self, embeddings: Tensor, mask: Tensor) -> Tensor:
        """(n, 15, E) and (n, 15) to logits (n, 7)."""
        logits: Tensor = self.classify(self.branch(embeddings, mask))
        return logits


class VideoDistillation:
    """The task: bags of one face each, all emotions equally often.

    The labels are FER2013's own: with FER+ votes faces on film are nearly all neutral.
    """

    def __init__(self, head: WindowHead, train: FaceBags, validation: FaceBags, recipe: HeadRecipe) -> None:
        torch.manual_seed(recipe.seed)
        self.network = VideoStudent(head)
        self._train, self._validation, self._recipe = train, validation, recipe
        self._chances = class_chances(train.labels, 1.0)

    def groups(self) -> list[dict[str, Any]]:
        """One rate."""
        return [{"params": self.network.parameters(), "lr": self._recipe.rate, "weight_decay": self._recipe.decay}]

    def batch(self, step: int, random: np.random.Generator) -> Batch:
        """Slots, mask, labels (n,)."""
        del step
        rows = random.choice(len(self._train.labels), self._recipe.batch, p=self._chances)
        return *self._train.draw(rows, random), torch.from_numpy(self._train.labels[rows])

    def loss(self, batch: Batch) -> Tensor:
        """Cross entropy, the labels smoothed by 0.05."""
        slots, mask, labels = batch
        return functional.cross_entropy(self.network(slots, mask), labels, label_smoothing=0.05)

    def judge(self, network: VideoStudent) -> dict[str, Any]:
        """Single pictures of the validation part."""
        device = next(network.parameters()).device
        logits = network(*(part.to(device) for part in self._validation.full())).cpu()
        return figures(self._validation.labels, torch.softmax(logits, dim=1).numpy())


class FusionStudent(nn.Module):
    """The whole head, of which only the gate is trained: dropout stays off and batch norms stay as they are."""

    def __init__(self, head: WindowHead) -> None:
        super().__init__()
        self.head = head

    def train(self, mode: bool = True) -> FusionStudent:
        """Never: both branches are in the state of use."""
        del mode
        return super().train(False)


class FusionTraining:
    """The task: pairs of a face and a voice of the same emotion that neither branch was trained on.

    On people that they know both branches are always right and always sure: what could be learnt there is false.
    """

    def __init__(self, head: WindowHead, faces: FaceBags, sounds: Windows, recipe: HeadRecipe) -> None:
        self.network = FusionStudent(head)
        self._faces, self._sounds, self._recipe = faces, sounds, recipe
        self._speakers = 0.3 * speaker_deviation(sounds.speech)

    def groups(self) -> list[dict[str, Any]]:
        """The gate alone."""
        gate = self.network.head.gate
        return [{"params": gate.parameters(), "lr": self._recipe.fusion_rate, "weight_decay": 0.1}]

    def batch(self, step: int, random: np.random.Generator) -> Batch:
        """The head's four inputs and the labels (n,); some pairs lack their face, some their voice."""
        del step
        slots, filled, sound, mask, labels = draw_pairs(self._faces, self._sounds, self._recipe.batch, random)
        changed, left = augment_sound(sound.numpy(), mask.numpy(), self._speakers, random)
        sees, hears = modality_dropout(len(labels), self._recipe.modality_dropout, random)
        return slots, filled * sees, torch.from_numpy(changed), torch.from_numpy(left) * hears, labels

    def loss(self, batch: Batch) -> Tensor:
        """Cross entropy of the fused output."""
        *inputs, labels = batch
        return functional.cross_entropy(self.network.head(*inputs)[0], labels)

    def judge(self, network: FusionStudent) -> dict[str, Any]:
        """Fused, on pairs of the same people."""
        *inputs, labels = draw_pairs(self._faces, self._sounds, _JUDGED_PAIRS, np.random.default_rng(5))
        device = next(network.parameters()).device
        fused = network.head(*(part.to(device) for part in inputs))[0].cpu()
        return figures(labels.numpy(), torch.softmax(fused, dim=1).numpy())


def draw_pairs(
    faces: FaceBags, sounds: Windows, n: int, random: np.random.Generator
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """The head's four inputs for `n` pairs of one label, and the labels: emotions that both have, equally often."""
    wanted, face_rows, sound_rows = Pairs.between(faces.labels, sounds.labels, "validation").draw(n, random)
    sound, mask = sounds.get(sound_rows)
    slots, filled = faces.draw(face_rows, random, _FILMED_IDLE)
    return slots, filled, torch.from_numpy(sound), torch.from_numpy(mask), torch.from_numpy(wanted)
