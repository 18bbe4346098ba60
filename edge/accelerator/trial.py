"""The trial of a GPU's engines before they may answer: warmed at every batch size, compared with ONNX Runtime."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.infer.card import MODALITIES, Card
from edge.infer.engine import Engine, EngineError, Feeds
from edge.infer.most_error import MOST_ERROR
from edge.infer.plan_shapes import FACES, ROWS_PER_FACE
from edge.infer.student import CROP_PX
from edge.infer.verdict import softmax
from edge.samples import FEATURE_SIZE, VIDEO_SLOTS, WINDOW_FRAMES, Floats

ROUNDS = 3
"""The second run of a batch size is recorded as a CUDA graph, the third is the first replay."""
_PATCH_PX = 8
_SEED = 7


@dataclass(frozen=True)
class Sample:
    """What a picture with some faces becomes: crops (n, 1, 128, 128), and the rest of the head's 3 n + 1 rows."""

    crops: NDArray[np.float32]
    video_mask: NDArray[np.float32]
    sound: NDArray[np.float32]
    sound_mask: NDArray[np.float32]

    def rows(self, embeddings: Floats) -> Feeds:
        """The head's feeds: each face in all slots of its three rows, the last row without a face."""
        each = np.repeat(embeddings, ROWS_PER_FACE, axis=0)[:, None].repeat(VIDEO_SLOTS, axis=1)
        empty = np.zeros((1, *each.shape[1:]), np.float32)
        return {
            "embeddings": np.concatenate([each, empty]).astype(np.float32),
            "video_mask": self.video_mask,
            "sound": self.sound,
            "sound_mask": self.sound_mask,
        }


def samples(faces: int = FACES) -> Iterator[Sample]:
    """One for 1 … `faces` faces, made up: patches instead of faces, noise instead of speech; always the same."""
    chance = np.random.default_rng(_SEED)
    for count in range(1, faces + 1):
        rows = ROWS_PER_FACE * count + 1
        patches = chance.uniform(0.0, 255.0, (count, 1, CROP_PX // _PATCH_PX, CROP_PX // _PATCH_PX))
        video_mask = np.ones((rows, VIDEO_SLOTS), np.float32)
        video_mask[1::ROWS_PER_FACE] = 0.0
        video_mask[-1] = 0.0
        sound_mask = np.ones((rows, WINDOW_FRAMES), np.float32)
        sound_mask[2::ROWS_PER_FACE] = 0.0
        yield Sample(
            crops=np.kron(patches, np.ones((_PATCH_PX, _PATCH_PX))).astype(np.float32),
            video_mask=video_mask,
            sound=np.repeat(chance.normal(size=(1, WINDOW_FRAMES, FEATURE_SIZE)), rows, axis=0).astype(np.float32),
            sound_mask=sound_mask,
        )


def trial(sure: Mapping[str, Engine], fast: Mapping[str, Engine], card: Card, precision: str) -> None:
    """Run both graphs of `fast` ROUNDS times at every batch size, and compare what comes out with `sure`.

    Both map "face" and "head" to active engines. Raises EngineError when an answer is too far off, and what they raise.
    """
    for sample in samples():
        reference = _probabilities(sure, sample, card)
        for _ in range(ROUNDS):
            tried = _probabilities(fast, sample, card)
            for name in MODALITIES:
                _compare(name, reference[name], tried[name], MOST_ERROR[precision])
    head = next(samples(1)).rows(np.zeros((1, card.embedding_size), np.float32))
    nobody = {name: value[-1:] for name, value in head.items()}
    for _ in range(ROUNDS):
        fast["head"].infer(nobody)  # the one batch size without a face


def _probabilities(engines: Mapping[str, Engine], sample: Sample, card: Card) -> dict[str, Floats]:
    embeddings = engines["face"].infer({"crops": sample.crops})["embeddings"]
    logits = engines["head"].infer(sample.rows(embeddings))
    return {name: softmax(logits[name], card.temperature[name]) for name in MODALITIES}


def _compare(name: str, reference: Floats, tried: Floats, most: float) -> None:
    if tried.shape != reference.shape:
        raise EngineError(f"its answer {name} has the shape {tried.shape} instead of {reference.shape}")
    error = float(np.abs(reference - tried).max())
    if not error <= most:  # NaN is no better than too much
        raise EngineError(f"its probabilities differ from ONNX Runtime's by {error:.2g} instead of {most:g} at most")
