"""What training makes small."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional


def cross_entropy_soft(logits: Tensor, targets: Tensor, smoothing: float = 0.05) -> Tensor:
    """Mean cross entropy of logits (n, 7) against soft targets (n, 7), smoothed towards uniform."""
    targets = targets * (1.0 - smoothing) + smoothing / targets.shape[1]
    return -(targets * functional.log_softmax(logits, dim=1)).sum(dim=1).mean()
