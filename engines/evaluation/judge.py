"""The student's two networks from one model folder, run over many windows at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from edge.infer.card import MODALITIES, load_card
from edge.infer.onnx_engine import OnnxEngine
from edge.infer.verdict import softmax
from edge.samples import EMOTIONS, FEATURE_SIZE, VIDEO_SLOTS, WINDOW_FRAMES, Floats, Image

_BATCH = 64


@dataclass(frozen=True)
class HeadInput:
    """Windows ready for the head; a modality that is absent is masked."""

    embeddings: Floats
    """(n, 15, E)"""
    video_mask: Floats
    """(n, 15)"""
    sound: Floats
    """(n, 100, 120)"""
    sound_mask: Floats
    """(n, 100)"""


class Model(Protocol):
    """Whatever is judged: pictures become embeddings, windows of embeddings and sound become probabilities."""

    embedding_size: int
    picture_slots: int
    """How many of a window's slots a single picture fills."""
    utterance_temperature: float
    """Divides the mean log-probability of an utterance's windows."""

    def embeddings(self, crops: Sequence[Image]) -> Floats:
        """(n, E) of gray crops (128, 128)."""
        ...

    def probabilities(self, windows: HeadInput) -> dict[str, Floats]:
        """Calibrated (n, 7) of each of MODALITIES."""
        ...


class Judge:
    """The two networks of one model folder, calibrated as its card says. Raises EdgeError for a broken folder."""

    def __init__(self, folder: Path) -> None:
        self.card = load_card(folder)
        self.embedding_size, self.picture_slots = self.card.embedding_size, VIDEO_SLOTS
        self.utterance_temperature = self.card.utterance_temperature
        self._face = OnnxEngine(self.card.face_path)
        self._head = OnnxEngine(self.card.head_path)
        self._face.activate()
        self._head.activate()

    def embeddings(self, crops: Sequence[Image]) -> Floats:
        """(n, E) of crops (128, 128)."""
        parts = [np.empty((0, self.embedding_size), np.float32)]
        for at in range(0, len(crops), _BATCH):
            batch = np.stack(crops[at : at + _BATCH])[:, None].astype(np.float32)
            parts.append(np.asarray(self._face.infer({"crops": batch})["embeddings"], np.float32))
        return np.concatenate(parts)

    def probabilities(self, windows: HeadInput) -> dict[str, Floats]:
        """Calibrated (n, 7) of each output."""
        parts: dict[str, list[Floats]] = {name: [np.empty((0, len(EMOTIONS)), np.float32)] for name in MODALITIES}
        for at in range(0, len(windows.sound), _BATCH):
            chosen = slice(at, at + _BATCH)
            feeds = {name: value[chosen] for name, value in vars(windows).items()}
            for name, logits in self._head.infer(feeds).items():
                parts[name].append(softmax(logits, self.card.temperature[name]))
        return {name: np.concatenate(values) for name, values in parts.items()}


def pictures_only(embeddings: Floats, filled: int = VIDEO_SLOTS) -> HeadInput:
    """One window for each embedding (n, E): the same face in the first `filled` slots, and no sound."""
    n = len(embeddings)
    slots = np.repeat(embeddings[:, None], VIDEO_SLOTS, axis=1)
    mask = np.repeat((np.arange(VIDEO_SLOTS) < filled)[None].astype(np.float32), n, axis=0)
    sound = np.zeros((n, WINDOW_FRAMES, FEATURE_SIZE), np.float32)
    return HeadInput(slots, mask, sound, np.zeros((n, WINDOW_FRAMES), np.float32))
