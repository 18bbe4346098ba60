"""Trains the student's ears: hard labels, the teacher's logits, and hints of a large speech network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from edge.samples import EMOTIONS, Floats
from engines.augment_sound import augment_sound
from engines.losses import distillation
from engines.metrics import figures
from engines.models.window_head import TOKEN_SIZE, SoundBranch
from engines.sound_statistics import balance, possible_labels, sound_statistics, speaker_deviation
from engines.sounds import Windows
from engines.task import Batch
from engines.voice_hints import HINT_SIZE

_SMOOTHING = 0.05
_SHIFT = 6  # frames of 10 ms
_PACE = 0.2
"""Most that a voice becomes faster or slower, as a natural logarithm."""
_NEVER = -30.0
"""Logit of an emotion that the set never holds: e^-30 is nothing."""
_JUDGED_AT_ONCE = 256

Teacher = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class SoundRecipe:
    """Steps of `batch` windows each."""

    steps: int = 10000
    batch: int = 64
    rate: float = 2e-3
    decay: float = 0.03
    alpha: float = 0.3
    """Share of the hard labels where there are teacher's logits."""
    temperature: float = 4.0
    hint_weight: float = 1.0
    averaging: float = 0.998
    seed: int = 7


class SoundStudent(nn.Module):
    """A sound branch and its classifier, and what guesses the hint: only while training."""

    def __init__(self, branch: SoundBranch, classify: nn.Linear) -> None:
        super().__init__()
        self.branch = branch
        self.classify = classify
        self.guess = nn.Linear(TOKEN_SIZE, HINT_SIZE)

    def forward(self, sound: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """(n, 100, 120) and (n, 100) to logits (n, 7) and guessed hints (n, HINT_SIZE)."""
        token = self.branch(sound, mask)
        return self.classify(token), self.guess(token)


def without_dropout(network: nn.Module) -> None:
    """For good: a teacher that answers each changed window anew is regularisation enough (Beyer et al. 2022)."""
    for layer in network.modules():
        if isinstance(layer, nn.Dropout):
            layer.p = 0.0


class SoundDistillation:
    """The task: windows of training people in other throats, at another pace, through another microphone."""

    def __init__(
        self, network: SoundStudent, train: Windows, validation: Windows, recipe: SoundRecipe,
        *, hints: Floats | None = None, teacher: Teacher | None = None,
    ) -> None:  # fmt: skip
        """`hints` (utterances, HINT_SIZE), NaN where there are none; `teacher` gives logits (n, 7) of a batch."""
        random = np.random.default_rng(recipe.seed)
        network.branch.set_statistics(*sound_statistics(train, random, network.branch.prepare))
        self.network = network
        self._train, self._validation, self._recipe = train, validation, recipe
        self._chances, self._speakers = balance(train), speaker_deviation(train.speech)
        self._possible = possible_labels(train.speech)
        self._hints = _nothing(len(train.speech.labels), HINT_SIZE) if hints is None else hints
        self._teacher = teacher

    def groups(self) -> list[dict[str, Any]]:
        """One rate."""
        return [{"params": self.network.parameters(), "lr": self._recipe.rate, "weight_decay": self._recipe.decay}]

    def batch(self, step: int, random: np.random.Generator) -> Batch:
        """Sound, mask, label numbers (n,), which emotions are possible (n, 7), hints."""
        del step
        rows = random.choice(len(self._train), self._recipe.batch, p=self._chances)
        shift = random.integers(-_SHIFT, _SHIFT + 1, len(rows))
        pace = np.exp(random.uniform(-_PACE, _PACE, len(rows)))
        sound, mask = augment_sound(*self._train.get(rows, shift, pace), self._speakers, random)
        owner = self._train.owner[rows]
        parts = (sound, mask, self._train.labels[rows], self._possible[owner], self._hints[owner])
        return tuple(torch.from_numpy(part) for part in parts)

    def loss(self, batch: Batch) -> Tensor:
        """Of logits and hints together."""
        sound, mask, labels, possible, hints = batch
        logits, guesses = self.network(sound, mask)
        teacher = None
        if self._teacher is not None:
            with torch.no_grad():
                teacher = self._teacher(sound, mask)
        loss = sound_loss(logits, labels, possible, teacher, self._recipe.alpha, self._recipe.temperature)
        return loss + self._recipe.hint_weight * hint_loss(guesses, hints)

    def judge(self, network: SoundStudent) -> dict[str, Any]:
        """Whole utterances of the validation people."""
        logits = window_logits(network.branch, network.classify, self._validation).numpy()
        return judge_utterances(self._validation, logits)


def sound_loss(
    logits: Tensor,
    labels: Tensor,
    possible: Tensor,
    teacher: Tensor | None,
    alpha: float = 0.3,
    temperature: float = 4.0,
) -> Tensor:
    """Distillation from the logits (n, 7) of `teacher`, cross entropy without one; mean over the n rows.

    `labels` (n,) are smoothed over the `possible` emotions (n, 7) of each row's set; the others take no part.
    """
    share = possible / possible.sum(dim=1, keepdim=True)
    targets = (1.0 - _SMOOTHING) * functional.one_hot(labels, logits.shape[1]) + _SMOOTHING * share
    logits = logits.masked_fill(~possible, _NEVER)
    if teacher is None:
        return functional.cross_entropy(logits, targets)
    return distillation(logits, teacher.masked_fill(~possible, _NEVER), targets, alpha, temperature)


def hint_loss(guesses: Tensor, hints: Tensor) -> Tensor:
    """Mean squared error of `guesses` over the rows whose hints are no NaN; 0 where there is none."""
    known = ~hints.isnan().any(dim=1)
    return functional.mse_loss(guesses[known], hints[known]) if known.any() else guesses.sum() * 0.0


def window_logits(branch: SoundBranch, classify: nn.Module, windows: Windows) -> Tensor:
    """Logits (n, 7) of sound alone, in the state of use, on the CPU."""
    branch.eval()
    device = next(branch.parameters()).device
    parts = [torch.empty(0, len(EMOTIONS))]
    with torch.no_grad():
        for at in range(0, len(windows), _JUDGED_AT_ONCE):
            rows = np.arange(at, min(at + _JUDGED_AT_ONCE, len(windows)))
            sound, mask = (torch.from_numpy(part).to(device) for part in windows.get(rows))
            parts.append(classify(branch(sound, mask)).cpu())
    return torch.cat(parts)


def judge_utterances(windows: Windows, logits: Floats) -> dict[str, Any]:
    """Figures by the mean log-probability of each utterance's windows; `uar` is the mean over the sets."""
    labels, sets, answers = utterances(windows, logits)
    each = {str(name): figures(labels[sets == name], answers[sets == name]) for name in np.unique(sets)}
    uar = float(np.mean([judged["uar"] for judged in each.values()]))
    return {**figures(labels, answers), "uar": round(uar, 4), "sets": {name: f["uar"] for name, f in each.items()}}


def utterances(windows: Windows, logits: Floats) -> tuple[NDArray[np.int64], NDArray[np.str_], Floats]:
    """Labels (u,), sets (u,) and probabilities (u, 7): the mean log-probability of each utterance's windows."""
    logs = torch.log_softmax(torch.from_numpy(logits).double(), dim=1).numpy()
    numbers, place, counts = np.unique(windows.owner, return_inverse=True, return_counts=True)
    sums = np.zeros((len(numbers), logits.shape[1]))
    np.add.at(sums, place, logs)
    answers = torch.softmax(torch.from_numpy(sums / counts[:, None]), dim=1).numpy().astype(np.float32)
    return windows.speech.labels[numbers], windows.speech.sets[numbers], answers


def _nothing(rows: int, columns: int) -> Floats:
    return np.full((rows, columns), np.nan, np.float32)
