"""Pairs of a face and a voice of the same emotion, of different people of the same part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.errors import UsageError
from engines.datasets.splits import Part
from engines.faces import FaceSet
from engines.sounds import Windows

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Pairs:
    """What can be drawn: rows of a FaceSet and of Windows for each emotion that both have."""

    faces: dict[int, Rows]
    sounds: dict[int, Rows]

    @classmethod
    def of(cls, faces: FaceSet, windows: Windows, part: Part) -> Pairs:
        """All of one part (the faces to judge by, but for training). Raises UsageError when no emotion is in both."""
        rows = faces.rows(part, judged=part != "train")
        seen, heard = faces.labels[rows], windows.labels
        shared = sorted({int(label) for label in seen} & {int(label) for label in heard})
        if not shared:
            raise UsageError(f"No emotion has both a face and a voice in the {part} part: pairs need at least one.")
        return cls({k: rows[seen == k] for k in shared}, {k: np.flatnonzero(heard == k) for k in shared})

    def draw(self, n: int, random: np.random.Generator) -> tuple[Rows, Rows, Rows]:
        """Labels, rows of faces and rows of windows, (n,) each: all emotions equally often."""
        labels = random.permutation(np.resize(list(self.faces), n))
        faces = np.array([random.choice(self.faces[int(label)]) for label in labels], np.int64)
        sounds = np.array([random.choice(self.sounds[int(label)]) for label in labels], np.int64)
        return labels.astype(np.int64), faces, sounds
