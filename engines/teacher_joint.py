"""The teacher's third stage: faces and voices together."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from engines.faces import FaceSet
from engines.losses import consistency, cross_entropy_soft
from engines.models.teacher import Logits, Teacher
from engines.pairs import Pairs, Rows, modality_dropout
from engines.sound_statistics import speaker_deviation
from engines.sounds import Windows
from engines.task import Batch
from engines.teacher_audio import one_hot, sound_windows
from engines.teacher_settings import NEW_RATE, PRETRAINED_RATE, RECURRENT_RATE, TeacherSettings, group
from engines.teacher_visual import as_frames, face_sequences, judged, visual_loss

_MOST_JUDGED = 1400
_JUDGED_AT_ONCE = 200


class JointTask:
    """Trains the whole teacher on pairs of a face and a voice.

    Both come from training people (validation people when judging), but not from the same ones: only the emotion's
    label pairs them. Now and then the face or the voice of a pair is left out, so that either can be missing.
    """

    def __init__(
        self, teacher: Teacher, faces: FaceSet, train: Windows, validation: Windows, settings: TeacherSettings
    ) -> None:
        self.network = teacher
        self._faces, self._train, self._validation, self._settings = faces, train, validation, settings
        self._speakers = speaker_deviation(train.speech)
        self._pairs = Pairs.of(faces, train, "train")
        self._judged_pairs = Pairs.of(faces, validation, "validation")
        self._judged_count = min(_MOST_JUDGED, 2 * len(faces.rows("validation", judged=True)))

    def groups(self) -> list[dict[str, Any]]:
        """What was trained before moves slowly, what is new faster."""
        teacher = self.network
        before = [teacher.visual.backbone, teacher.audio.conv, teacher.audio.norm]
        return [
            group(PRETRAINED_RATE, *before, teacher.classify_video, teacher.classify_audio),
            group(RECURRENT_RATE, teacher.visual.lstm, teacher.audio.lstm),
            group(NEW_RATE, teacher.fusion, teacher.classify_fused),
        ]

    def batch(self, step: int, random: np.random.Generator) -> Batch:
        """Frames, mask, sound, mask as the teacher takes them, then targets (n, 7) of the faces and of the voices."""
        del step
        labels, face_rows, sound_rows = self._pairs.draw(self._settings.batch, random)
        frames, video_mask = face_sequences(self._faces.pooled[face_rows], self._settings, random)
        sound, sound_mask = sound_windows(self._train, sound_rows, self._speakers, self._settings, random)
        sees, hears = modality_dropout(len(labels), self._settings.modality_dropout, random)
        seen, heard = torch.from_numpy(self._faces.targets[face_rows]), one_hot(labels)
        return frames, video_mask * sees, sound, sound_mask * hears, seen, heard

    def loss(self, batch: Batch) -> Tensor:
        """Cross entropy of all heads, and 0.5 × KL(video ‖ audio) where both are there."""
        frames, video_mask, sound, sound_mask, seen, heard = batch
        return joint_loss(self.network(frames, video_mask, sound, sound_mask), video_mask, sound_mask, seen, heard)

    def judge(self, network: Teacher) -> dict[str, Any]:
        """Pairs of the validation people; `video` and `audio` are the figures of each alone, on the same pairs."""
        labels, faces, sounds = self._judged_pairs.draw(self._judged_count, np.random.default_rng(5))
        judgements = {
            name: judged(labels, logits) for name, logits in self._pair_logits(network, faces, sounds).items()
        }
        return {**judgements["fused"], "video": judgements["video"], "audio": judgements["audio"]}

    def _pair_logits(self, network: Teacher, faces: Rows, sounds: Rows) -> dict[str, Tensor]:
        device = next(network.parameters()).device
        parts = []
        for at in range(0, len(faces), _JUDGED_AT_ONCE):
            some = slice(at, at + _JUDGED_AT_ONCE)
            frames = as_frames(self._faces.pooled[faces[some]], self._settings.side)
            sound, mask = (torch.from_numpy(part) for part in self._validation.get(sounds[some]))
            inputs = (frames, torch.ones(frames.shape[:2]), sound, mask)
            parts.append(network(*(part.to(device) for part in inputs)))
        return {name: torch.cat([getattr(part, name).cpu() for part in parts]) for name in ("fused", "video", "audio")}


def joint_loss(logits: Logits, video_mask: Tensor, sound_mask: Tensor, seen: Tensor, heard: Tensor) -> Tensor:
    """Of a batch whose faces have targets `seen` and whose voices `heard`, (n, 7) each; either may be masked."""
    sees, hears = (video_mask > 0).any(dim=1), (sound_mask > 0).any(dim=1)
    weight = torch.stack([sees, hears], dim=1).to(seen.dtype)
    weight = weight / weight.sum(dim=1, keepdim=True).clamp(min=1.0)  # a short voice may be blanked out as a whole
    loss = cross_entropy_soft(logits.fused, weight[:, :1] * seen + weight[:, 1:] * heard)
    if sees.any():
        loss = loss + visual_loss(logits.video[sees], logits.frames, video_mask[sees], seen[sees])
    if hears.any():
        loss = loss + cross_entropy_soft(logits.audio[hears], heard[hears])
    both = sees & hears
    return loss + consistency(logits.video[both], logits.audio[both]) if both.any() else loss
