"""The student: one face encoder and one window head, small enough for every device."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from edge.errors import UsageError
from edge.infer.card import MODALITIES
from edge.samples import FEATURE_SIZE, VIDEO_SLOTS, WINDOW_FRAMES
from engines.models.face_encoder import CROP_SIDE, EMBEDDING_SIZE, FaceEncoder
from engines.models.window_head import WindowHead


@dataclass
class Student:
    """Both networks, which share nothing but the embedding, and how to read their logits."""

    face: FaceEncoder
    head: WindowHead
    temperature: dict[str, float] = field(default_factory=lambda: dict.fromkeys(MODALITIES, 1.0))
    uncertain_below: float = 0.5
    recipe: dict[str, Any] = field(default_factory=dict)
    """How it was trained, and by whom: `teachers` has a sentence for each."""
    data: list[dict[str, Any]] = field(default_factory=list)
    """What it was trained on: see engines.provenance."""

    @classmethod
    def new(cls) -> Student:
        """With random weights."""
        return cls(FaceEncoder(), WindowHead())

    @classmethod
    def load(cls, checkpoint: Path) -> Student:
        """From a file that `save` wrote. Raises UsageError for another one, and for none."""
        if not checkpoint.exists():
            raise UsageError(
                f"The checkpoint {checkpoint} does not exist: run `edge-engines distill`, or name another."
            )
        student = cls.new()
        try:
            state = torch.load(checkpoint, map_location="cpu", weights_only=True)
            student.face.load_state_dict(state["face"])
            student.head.load_state_dict(state["head"])
            student.temperature, student.uncertain_below = state["temperature"], state["uncertain_below"]
            student.recipe, student.data = state["recipe"], state.get("data", [])
        except Exception as error:  # torch tells files that are none in many ways
            raise UsageError(
                f"The checkpoint {checkpoint} is not one that `edge-engines distill` wrote ({type(error).__name__}): "
                "name another, or run it again."
            ) from error
        return student.eval()

    def save(self, checkpoint: Path) -> None:
        """Write everything to one file, whole or not at all."""
        partial = checkpoint.with_suffix(".partial")
        state = {**vars(self), "face": self.face.state_dict(), "head": self.head.state_dict()}
        torch.save(state, partial)
        partial.replace(checkpoint)

    def eval(self) -> Student:
        """Both networks in the state of use."""
        self.face.eval()
        self.head.eval()
        return self

    def parameters(self) -> int:
        """Weights that are exported: the encoder's training-only classifier does not count."""
        unused = count_parameters(self.face.classify)
        return count_parameters(self.face) - unused + count_parameters(self.head)


def count_parameters(network: nn.Module) -> int:
    """Number of trained weights."""
    return sum(weight.numel() for weight in network.parameters())


def face_example(n: int) -> tuple[Tensor]:
    """An input of the face encoder for `n` crops."""
    return (torch.rand(n, 1, CROP_SIDE, CROP_SIDE) * 255.0,)


def head_example(n: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """An input of the window head for `n` windows."""
    embeddings = torch.rand(n, VIDEO_SLOTS, EMBEDDING_SIZE)
    sound = torch.randn(n, WINDOW_FRAMES, FEATURE_SIZE)
    return embeddings, torch.ones(n, VIDEO_SLOTS), sound, torch.ones(n, WINDOW_FRAMES)


def count_macs(network: nn.Module, example: tuple[Tensor, ...]) -> int:
    """Multiply-adds of convolutions and linear layers for one item (`example` has n = 1)."""
    total = 0

    def add(layer: nn.Module, _inputs: object, output: Tensor) -> None:
        nonlocal total
        weight = layer.weight
        if isinstance(weight, Tensor):
            total += output.numel() // int(weight.shape[0]) * weight.numel()

    kinds = (nn.Conv1d, nn.Conv2d, nn.Linear)
    hooks = [layer.register_forward_hook(add) for layer in network.modules() if isinstance(layer, kinds)]
    network.eval()
    with torch.no_grad():
        network(*example)
    for hook in hooks:
        hook.remove()
    return total
