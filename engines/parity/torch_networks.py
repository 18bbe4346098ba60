"""The student in torch: the shipped graphs node by node, or a checkpoint's own networks."""

from __future__ import annotations

from pathlib import Path

from edge.infer.card import Card
from edge.infer.engine import Engine
from engines.explanation.network import OnnxNetwork
from engines.models.student import Student
from engines.parity.torch_engine import TorchEngine

_FACE = (("crops",), ("embeddings",))
_HEAD = (("embeddings", "video_mask", "sound", "sound_mask"), ("fused", "video", "audio"))


def networks(card: Card, checkpoint: Path | None) -> tuple[Engine, Engine]:
    """Face encoder and window head. Raises EdgeError for a file that is none."""
    if checkpoint is not None:
        student = Student.load(checkpoint)
        return (
            TorchEngine(f"torch:{checkpoint.name}", student.face, *_FACE),
            TorchEngine(f"torch:{checkpoint.name}", student.head, *_HEAD),
        )
    return _shipped(card.face_path), _shipped(card.head_path)


def _shipped(path: Path) -> Engine:
    network = OnnxNetwork(path)
    return TorchEngine(f"torch:{path.name}", network, network.inputs, network.outputs)
