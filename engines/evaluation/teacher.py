"""Judges a teacher's checkpoint exactly as its student is judged: same crops, same windows, same utterances."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from edge.infer.card import MODALITIES
from edge.samples import EMOTIONS, Floats, Image
from engines.evaluation.judge import HeadInput
from engines.faces import pool_crop
from engines.models.teacher import load_teacher
from engines.models.visual import FEATURES
from engines.teacher_visual import resized

_BATCH = 64


class TeacherJudge:
    """A teacher as a `Model`: its ResNet gives the embeddings, all that follows the probabilities.

    They are as trained, without a temperature: a teacher's ECE is not comparable to its calibrated student's.
    Raises UsageError for a file that is no teacher.
    """

    def __init__(self, checkpoint: Path) -> None:
        self.utterance_temperature = 1.0
        self.embedding_size, self.picture_slots = FEATURES, 1  # the LSTM has been shown sequences of one
        self._teacher, self._side = load_teacher(checkpoint)

    def embeddings(self, crops: Sequence[Image]) -> Floats:
        """(n, 512) of gray crops (128, 128), brought to the size that the teacher was trained on."""
        parts = [np.empty((0, FEATURES), np.float32)]
        with torch.no_grad():
            for at in range(0, len(crops), _BATCH):
                pooled = np.stack([pool_crop(crop) for crop in crops[at : at + _BATCH]])
                pictures = resized(torch.from_numpy(pooled).float().unsqueeze(1), self._side)
                parts.append(self._teacher.visual.backbone(pictures).numpy())
        return np.concatenate(parts)

    def probabilities(self, windows: HeadInput) -> dict[str, Floats]:
        """(n, 7) of each of MODALITIES."""
        parts: dict[str, list[Floats]] = {name: [np.empty((0, len(EMOTIONS)), np.float32)] for name in MODALITIES}
        with torch.no_grad():
            for at in range(0, len(windows.sound), _BATCH):
                rows = (torch.from_numpy(value[at : at + _BATCH]) for value in vars(windows).values())
                for name, logits in zip(MODALITIES, self._logits(*rows), strict=True):
                    parts[name].append(torch.softmax(logits, dim=1).numpy())
        return {name: np.concatenate(values) for name, values in parts.items()}

    def _logits(self, steps: Tensor, video_mask: Tensor, sound: Tensor, sound_mask: Tensor) -> tuple[Tensor, ...]:
        """As Teacher.forward, from features of frames instead of frames."""
        teacher = self._teacher
        seen, heard = teacher.visual.lstm(steps, video_mask), teacher.audio(sound, sound_mask)
        joint = teacher.fusion(seen, heard, (video_mask > 0).any(dim=1), (sound_mask > 0).any(dim=1))
        return teacher.classify_fused(joint), teacher.classify_video(seen), teacher.classify_audio(heard)
