"""The student in torch: the shipped graphs node by node, or a checkpoint's own networks."""

from __future__ import annotations

from pathlib import Path

from edge.errors import UsageError
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
        student = _student(checkpoint)
        return (
            TorchEngine(f"torch:{checkpoint.name}", student.face, *_FACE),
            TorchEngine(f"torch:{checkpoint.name}", student.head, *_HEAD),
        )
    return _shipped(card.face_path), _shipped(card.head_path)


def _shipped(path: Path) -> Engine:
    network = OnnxNetwork(path)
    return TorchEngine(f"torch:{path.name}", network, network.inputs, network.outputs)


def _student(checkpoint: Path) -> Student:
    if not checkpoint.exists():
        raise UsageError(f"The checkpoint {checkpoint} does not exist: run `edge-engines distill`, or name another.")
    try:
        return Student.load(checkpoint)
    except Exception as error:  # torch tells files that are none in many ways
        raise UsageError(
            f"The checkpoint {checkpoint} is not one that `edge-engines distill` wrote ({type(error).__name__}): "
            "name another, or run it again."
        ) from error
