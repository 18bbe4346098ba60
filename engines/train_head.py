"""Trains the window head: first each branch on its own modality, then how far to trust each."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from edge.samples import EMOTIONS, VIDEO_SLOTS, Floats
from engines.augment import augment_faces, augment_sound, mix_windows
from engines.faces import FaceSet
from engines.losses import cross_entropy_soft
from engines.metrics import figures
from engines.models.face_encoder import FaceEncoder
from engines.models.window_head import WindowHead, remove_level
from engines.progress import progress
from engines.sound_statistics import balance, sound_statistics, speaker_deviation
from engines.sounds import Windows
from engines.train_face import as_input

LOG = logging.getLogger(__name__)
_COPIES = 5
_BALANCE = 0.75  # 0 takes faces as often as they come, 1 all emotions equally often

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class HeadRecipe:
    """Steps of 64 windows each."""

    audio_steps: int = 5000
    video_steps: int = 1500
    gate_steps: int = 400
    batch: int = 64
    rate: float = 2e-3
    decay: float = 0.03
    seed: int = 7


@dataclass(frozen=True)
class FaceBags:
    """Embeddings of each face under several random changes: what one window may hold of one person."""

    embeddings: NDArray[np.float16]
    """(faces, copies, E)"""
    labels: NDArray[np.int64]
    targets: Floats

    def draw(self, rows: Rows, random: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Slots (n, 15, E) and mask (n, 15): 3 … 15 slots are filled, with copies in any order."""
        copies = random.integers(0, self.embeddings.shape[1], (len(rows), VIDEO_SLOTS))
        slots = self.embeddings[rows[:, None], copies].astype(np.float32)
        filled = random.integers(3, VIDEO_SLOTS + 1, (len(rows), 1))
        mask = random.random((len(rows), VIDEO_SLOTS)).argsort(axis=1) < filled
        return torch.from_numpy(slots), torch.from_numpy(mask.astype(np.float32))


def face_bags(encoder: FaceEncoder, faces: FaceSet, rows: Rows, *, changed: bool, seed: int = 3) -> FaceBags:
    """Embeddings of `rows`, `_COPIES` of each when `changed`, else one of the picture as it is."""
    random = np.random.default_rng(seed)
    encoder.eval()
    copies = []
    with torch.no_grad():
        for _ in range(_COPIES if changed else 1):
            parts = []
            for at in progress(range(0, len(rows), 256), "embeddings"):
                pooled = faces.pooled[rows[at : at + 256]]
                pictures = augment_faces(pooled, random) if changed else as_input(pooled)
                parts.append(encoder.encode_pooled(pictures).numpy().astype(np.float16))
            copies.append(np.concatenate(parts))
    return FaceBags(np.stack(copies, axis=1), faces.labels[rows], faces.targets[rows])


def train_audio(head: WindowHead, train: Windows, validation: Windows, recipe: HeadRecipe) -> None:
    """The sound branch and its classifier, on balanced windows of training people."""
    random = np.random.default_rng(recipe.seed)
    torch.manual_seed(recipe.seed)
    head.audio.set_statistics(*sound_statistics(train, random, head.audio.prepare))
    weight, speakers = balance(train), speaker_deviation(train.speech)

    def loss() -> Tensor:
        rows = random.choice(len(train), recipe.batch, p=weight)
        windows = train.get(rows, random.integers(-12, 13, len(rows)))
        sound, mask = (torch.from_numpy(part) for part in augment_sound(*windows, speakers, random))
        targets = functional.one_hot(torch.from_numpy(train.labels[rows]), len(EMOTIONS)).float()
        sound, mask, targets = mix_windows(remove_level(sound, mask), mask, targets, random)
        return cross_entropy_soft(head.classify_audio(head.audio(sound, mask)), targets)

    def judge() -> str:
        logits = audio_logits(head, validation)
        return _short(figures(validation.labels, torch.softmax(logits, dim=1).numpy()))

    _descend([head.audio, head.classify_audio], loss, judge, recipe.audio_steps, recipe, "audio")


def train_video(head: WindowHead, train: FaceBags, validation: FaceBags, recipe: HeadRecipe) -> None:
    """The video branch and its classifier, on bags of one face each."""
    random = np.random.default_rng(recipe.seed)
    torch.manual_seed(recipe.seed)
    counts = np.bincount(train.labels, minlength=len(EMOTIONS))
    weight = counts[train.labels] ** -_BALANCE
    weight /= weight.sum()

    def loss() -> Tensor:
        rows = random.choice(len(train.labels), recipe.batch, p=weight)
        token = head.video(*train.draw(rows, random))
        return cross_entropy_soft(head.classify_video(token), torch.from_numpy(train.targets[rows]))

    def judge() -> str:
        logits = video_logits(head, validation)
        return _short(figures(validation.labels, torch.softmax(logits, dim=1).numpy()))

    _descend([head.video, head.classify_video], loss, judge, recipe.video_steps, recipe, "video")


def train_gate(head: WindowHead, faces: FaceBags, sounds: Windows, recipe: HeadRecipe) -> None:
    """How far to trust each modality, learned on people that neither branch has seen (both branches stay fixed).

    Pairs are made by label: a face and a voice of the same emotion, of different people.
    """
    random = np.random.default_rng(recipe.seed)
    head.eval()
    optimiser = torch.optim.AdamW(head.gate.parameters(), 1e-3, weight_decay=0.1)
    losses = []
    for _ in range(recipe.gate_steps):
        pairs = draw_pairs(faces, sounds, recipe.batch, random)
        fused, _, _ = head(*pairs[:4])
        loss = functional.cross_entropy(fused, pairs[4])
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        losses.append(float(loss.detach()))
    LOG.info("gate: loss %.3f, then %.3f", np.mean(losses[:50]), np.mean(losses[-50:]))


def draw_pairs(
    faces: FaceBags, sounds: Windows, n: int, random: np.random.Generator
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """The head's four inputs for `n` pairs of equal label, and the labels: all emotions equally often."""
    wanted = random.permutation(np.arange(n) % len(EMOTIONS))
    face_rows = np.array([random.choice(np.flatnonzero(faces.labels == label)) for label in wanted])
    sound_rows = np.array([random.choice(np.flatnonzero(sounds.labels == label)) for label in wanted])
    sound, mask = sounds.get(sound_rows)
    slots, filled = faces.draw(face_rows, random)
    return slots, filled, torch.from_numpy(sound), torch.from_numpy(mask), torch.from_numpy(wanted)


def audio_logits(head: WindowHead, windows: Windows) -> Tensor:
    """Logits (n, 7) of sound alone."""
    head.eval()
    rows = np.arange(len(windows))
    with torch.no_grad():
        parts = []
        for at in range(0, len(rows), 256):
            sound, mask = windows.get(rows[at : at + 256])
            parts.append(head.classify_audio(head.audio(torch.from_numpy(sound), torch.from_numpy(mask))))
    return torch.cat(parts)


def video_logits(head: WindowHead, bags: FaceBags) -> Tensor:
    """Logits (n, 7) of faces alone, the first copy in every slot."""
    head.eval()
    slots = torch.from_numpy(np.repeat(bags.embeddings[:, :1].astype(np.float32), VIDEO_SLOTS, axis=1))
    with torch.no_grad():
        result: Tensor = head.classify_video(head.video(slots, torch.ones(slots.shape[:2])))
    return result


def _descend(
    parts: list[nn.Module],
    loss: Callable[[], Tensor],
    judge: Callable[[], str],
    steps: int,
    recipe: HeadRecipe,
    name: str,
) -> None:
    """AdamW down a cosine; the weights at the end are the result."""
    optimiser = torch.optim.AdamW(
        [weight for part in parts for weight in part.parameters()], recipe.rate, weight_decay=recipe.decay
    )
    losses = []
    for step in progress(range(steps), f"{name} branch"):
        for part in parts:
            part.train()
        for group in optimiser.param_groups:
            group["lr"] = recipe.rate * min(1.0, (step + 1) / 100) * (0.5 + 0.5 * math.cos(math.pi * step / steps))
        value = loss()
        optimiser.zero_grad()
        value.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        losses.append(float(value.detach()))
        if (step + 1) % max(1, steps // 6) == 0:
            LOG.info(
                "%s step %d of %d: loss %.3f, validation %s", name, step + 1, steps, np.mean(losses[-300:]), judge()
            )
    for part in parts:
        part.eval()


def _short(judged: dict[str, Any]) -> str:
    return f"accuracy {judged['accuracy']:.3f}, UAR {judged['uar']:.3f}"
