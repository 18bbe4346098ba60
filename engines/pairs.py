"""Pairs of a face and a voice of the same emotion, of different people of the same part; either may be left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from edge.errors import UsageError
from engines.datasets.splits import Part
from engines.faces import FaceSet
from engines.sounds import Windows

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Pairs:
    """What can be drawn: rows of faces and of windows for each emotion that both have."""

    faces: dict[int, Rows]
    sounds: dict[int, Rows]

    @classmethod
    def of(cls, faces: FaceSet, windows: Windows, part: Part) -> Pairs:
        """All of one part (the faces to judge by, but for training). Raises UsageError when no emotion is in both."""
        rows = faces.rows(part, judged=part != "train")
        pairs = cls.between(faces.labels[rows], windows.labels, part)
        return cls({label: rows[places] for label, places in pairs.faces.items()}, pairs.sounds)

    @classmethod
    def between(cls, seen: Rows, heard: Rows, part: Part) -> Pairs:
        """By the labels of faces and of windows, which are of one part; raises UsageError likewise."""
        shared = sorted({int(label) for label in seen} & {int(label) for label in heard})
        if not shared:
            raise UsageError(f"No emotion has both a face and a voice in the {part} part: pairs need at least one.")
        return cls({k: np.flatnonzero(seen == k) for k in shared}, {k: np.flatnonzero(heard == k) for k in shared})

    def draw(self, n: int, random: np.random.Generator) -> tuple[Rows, Rows, Rows]:
        """Labels, rows of faces and rows of windows, (n,) each: all emotions equally often."""
        labels = random.permutation(np.resize(list(self.faces), n))
        faces = np.array([random.choice(self.faces[int(label)]) for label in labels], np.int64)
        sounds = np.array([random.choice(self.sounds[int(label)]) for label in labels], np.int64)
        return labels.astype(np.int64), faces, sounds


def modality_dropout(n: int, chance: float, random: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Whether the face and whether the voice is there, (n, 1) each, 0 or 1, never both 0: modality dropout."""
    drawn = random.random((n, 1))
    sees, hears = drawn >= chance, drawn < 1.0 - chance
    return torch.from_numpy(sees.astype(np.float32)), torch.from_numpy(hears.astype(np.float32))
