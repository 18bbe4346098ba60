"""What one window may hold of one face: several embeddings of it, in any slots."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from edge.samples import EMOTIONS, VIDEO_SLOTS
from engines.augment_faces import augment_faces, estrange_faces
from engines.distil_face import as_input
from engines.faces import FaceSet
from engines.models.face_encoder import FaceEncoder
from engines.progress import progress

COPIES = 5
MOST_IDLE = 0.6
_LEAST_SLOTS = 3
_AT_ONCE = 256

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class FaceBags:
    """Embeddings of each face under several random changes."""

    embeddings: NDArray[np.float16]
    """(faces, copies, E)"""
    labels: NDArray[np.int64]

    def draw(self, rows: Rows, random: np.random.Generator, idle: float = MOST_IDLE) -> tuple[Tensor, Tensor]:
        """Slots (n, 15, E) and mask (n, 15): 3 … 15 slots are filled, with copies in any order.

        A share of the slots, up to `idle`, shows a neutral face instead: on film a sad second is not sad all along.
        Above 1, some bags show nothing else.
        """
        copies = random.integers(0, self.embeddings.shape[1], (len(rows), VIDEO_SLOTS))
        shown = np.repeat(rows[:, None], VIDEO_SLOTS, axis=1)
        neutral = np.flatnonzero(self.labels == EMOTIONS.index("neutral"))
        if len(neutral):
            rests = random.random(shown.shape) < random.uniform(0.0, idle, (len(rows), 1))
            shown = np.where(rests, random.choice(neutral, len(rows))[:, None], shown)
        slots = self.embeddings[shown, copies].astype(np.float32)
        filled = random.integers(_LEAST_SLOTS, VIDEO_SLOTS + 1, (len(rows), 1))
        mask = random.random((len(rows), VIDEO_SLOTS)).argsort(axis=1) < filled
        return torch.from_numpy(slots), torch.from_numpy(mask.astype(np.float32))

    def full(self) -> tuple[Tensor, Tensor]:
        """Every face with its first copy in all slots, as a single picture is judged."""
        slots = np.repeat(self.embeddings[:, :1].astype(np.float32), VIDEO_SLOTS, axis=1)
        return torch.from_numpy(slots), torch.ones(slots.shape[:2])


def face_bags(
    encoder: FaceEncoder, faces: FaceSet, rows: Rows, *, changed: bool, strange: bool = False, seed: int = 3
) -> FaceBags:
    """Embeddings of `rows`: COPIES of each when `changed`, else one of the picture as it is.

    `strange` pictures look as if they came from another kind of camera before they are changed.
    """
    random = np.random.default_rng(seed)
    encoder.eval()
    copies = []
    with torch.no_grad():
        for _ in range(COPIES if changed else 1):
            parts = []
            for at in progress(range(0, len(rows), _AT_ONCE), "embeddings"):
                pooled = faces.pooled[rows[at : at + _AT_ONCE]]
                pooled = estrange_faces(pooled, random) if strange else pooled
                pictures = augment_faces(pooled, random) if changed else as_input(pooled)
                parts.append(encoder.encode_pooled(pictures).numpy().astype(np.float16))
            copies.append(np.concatenate(parts))
    return FaceBags(np.stack(copies, axis=1), faces.labels[rows])
