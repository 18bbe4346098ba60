"""The teacher's second stage: voices."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from edge.samples import EMOTIONS, Floats
from engines.augment_sound import augment_sound, mix_windows
from engines.distil_sound import judge_utterances
from engines.losses import cross_entropy_soft
from engines.models.audio import remove_level
from engines.models.teacher import Teacher
from engines.sound_statistics import balance, sound_statistics, speaker_deviation
from engines.sounds import Windows
from engines.task import Batch
from engines.teacher_settings import NEW_RATE, RECURRENT_RATE, TeacherSettings, group

Rows = NDArray[np.int64]
_SHIFT = 12  # frames of 10 ms
_PACE = 0.2  # most that a voice becomes faster or slower, as a natural logarithm
_JUDGED_AT_ONCE = 256


class AudioTask:
    """Trains `teacher.audio` and its classifier on windows of a second, noisy copies among them."""

    def __init__(self, teacher: Teacher, train: Windows, validation: Windows, settings: TeacherSettings) -> None:
        self.network = teacher
        self._train, self._validation, self._settings = train, validation, settings
        teacher.audio.set_statistics(*sound_statistics(train, np.random.default_rng(settings.seed)))
        self._chances, self._speakers = balance(train), speaker_deviation(train.speech)

    def groups(self) -> list[dict[str, Any]]:
        """Everything is new here."""
        audio = self.network.audio
        return [group(NEW_RATE, audio.conv, audio.norm, self.network.classify_audio), group(RECURRENT_RATE, audio.lstm)]

    def batch(self, step: int, random: np.random.Generator) -> Batch:
        """Sound (n, 100, 120), mask (n, 100), soft targets (n, 7): shifted, blanked out, laid over one another."""
        del step
        rows = random.choice(len(self._train), self._settings.batch, p=self._chances)
        sound, mask = sound_windows(self._train, rows, self._speakers, self._settings, random)
        targets = one_hot(self._train.labels[rows])
        if not self._settings.changes:
            return sound, mask, targets
        return mix_windows(remove_level(sound, mask), mask, targets, random)

    def loss(self, batch: Batch) -> Tensor:
        """Cross entropy."""
        sound, mask, targets = batch
        return cross_entropy_soft(self.network.hear(sound, mask), targets)

    def judge(self, network: Teacher) -> dict[str, Any]:
        """Whole utterances of the validation people; `uar` is the mean over the sets, `loss` that of single windows."""
        logits = window_logits(network, self._validation)
        loss = functional.cross_entropy(logits, torch.from_numpy(self._validation.labels))
        return {**judge_utterances(self._validation, logits.numpy()), "loss": float(loss)}


def sound_windows(
    windows: Windows, rows: Rows, speakers: Floats, settings: TeacherSettings, random: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Sound (n, 100, 120) and mask (n, 100) of `rows`: shifted, at another pace, another speaker's, in places blank."""
    if settings.changes:
        shift, pace = random.integers(-_SHIFT, _SHIFT + 1, len(rows)), random.uniform(-_PACE, _PACE, len(rows))
        changed = augment_sound(*windows.get(rows, shift, np.exp(pace)), speakers, random)
    else:
        changed = windows.get(rows)
    return torch.from_numpy(changed[0]), torch.from_numpy(changed[1])


def window_logits(teacher: Teacher, windows: Windows) -> Tensor:
    """Audio logits (n, 7) on the CPU."""
    device = next(teacher.parameters()).device
    parts = []
    with torch.no_grad():
        for at in range(0, len(windows), _JUDGED_AT_ONCE):
            rows = np.arange(at, min(at + _JUDGED_AT_ONCE, len(windows)))
            sound, mask = (torch.from_numpy(part).to(device) for part in windows.get(rows))
            parts.append(teacher.eval().hear(sound, mask).cpu())
    return torch.cat(parts)


def one_hot(labels: Rows) -> Tensor:
    """(n,) to (n, 7)."""
    return functional.one_hot(torch.from_numpy(labels), len(EMOTIONS)).float()
