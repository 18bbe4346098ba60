"""All that can be turned in the teacher's three stages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from torch import nn

Stage = Literal["visual", "audio", "joint"]
STAGES: tuple[Stage, ...] = ("visual", "audio", "joint")

PRETRAINED_RATE = 1e-4
"""For layers that come with weights: the ResNet from ImageNet, and in the joint stage all that was trained before."""
RECURRENT_RATE = 3e-4
"""For both LSTMs in their own stage."""
NEW_RATE = 5e-4
"""For layers with random weights: convolutions without ImageNet, projections, attention, classifiers."""
EPOCHS: dict[Stage, int] = {"visual": 30, "audio": 12, "joint": 6}


@dataclass(frozen=True)
class TeacherSettings:
    """The same for all stages."""

    side: int = 48
    """Pixels of a picture's side."""
    frames: int = 3
    """Most pictures of one face in a training sequence."""
    batch: int = 64
    epochs: int | None = None
    """Passes over the training pictures (joint: pairs) or windows; None takes each stage's own number."""
    steps: int | None = None
    """Steps instead of epochs."""
    changes: bool = True
    """Whether pictures and sounds are changed at random, as cameras, rooms and people would."""
    seed: int = 7
    decay: float = 1e-5
    averaging: float = 0.999
    modality_dropout: float = 0.15
    """How often a pair has no picture, and how often no sound."""
    patience: int = 0
    """Judgements without a better UAR after which a stage stops with its best weights; 0 trains to the end."""


def group(rate: float, *parts: nn.Module) -> dict[str, Any]:
    """One of AdamW's groups."""
    return {"params": [weight for part in parts for weight in part.parameters()], "lr": rate}
