"""Averaged weights: steadier than the last ones, and free."""

from __future__ import annotations

import torch
from torch import nn


def update_average(average: nn.Module, network: nn.Module, keep: float) -> None:
    """Exponential moving average of weights and of batch statistics: `keep` of the old, the rest of the new."""
    with torch.no_grad():
        for mean, value in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
            if mean.dtype.is_floating_point:
                mean.lerp_(value, 1.0 - keep)
            else:
                mean.copy_(value)
