"""The teacher's ears: a convolution over 120 features, then a bidirectional LSTM over 50 steps of 20 ms."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from edge.samples import FEATURE_SIZE
from engines.models.sequence import MaskedLstm

CHANNELS = 64
HIDDEN = 128
_KERNEL = 5
_LIMIT = 6.0  # deviations: an outlier of a standardised feature is cut off there


class Audio(nn.Module):
    """Sound (n, t, 120) and mask (n, t) to a summary (n, 2 × HIDDEN) of all frames that are there."""

    centre: Tensor
    scale: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("centre", torch.zeros(FEATURE_SIZE))
        self.register_buffer("scale", torch.ones(FEATURE_SIZE))
        self.conv = nn.Conv1d(FEATURE_SIZE, CHANNELS, _KERNEL, padding=_KERNEL // 2, bias=False)
        self.norm = nn.BatchNorm1d(CHANNELS)
        self.lstm = MaskedLstm(CHANNELS, HIDDEN)
        self.dropout = nn.Dropout(0.3)

    def set_statistics(self, centre: Tensor, scale: Tensor) -> None:
        """Fix the standardisation: mean and deviation (120,) of level-free training features."""
        self.centre.copy_(centre)
        self.scale.copy_(scale)

    def forward(self, sound: Tensor, mask: Tensor) -> Tensor:
        """Frames that are masked may hold anything, NaN included."""
        there = (mask > 0).unsqueeze(2)
        nothing = torch.zeros_like(sound)
        level_free = remove_level(torch.where(there, sound, nothing), mask)
        x = torch.where(there, ((level_free - self.centre) / self.scale).clamp(-_LIMIT, _LIMIT), nothing)
        x = functional.relu(self.norm(self.conv(x.transpose(1, 2))))
        x = functional.max_pool1d(x, 2, ceil_mode=True).transpose(1, 2)
        pooled_mask = functional.max_pool1d(mask.unsqueeze(1), 2, ceil_mode=True).squeeze(1)
        summary: Tensor = self.dropout(self.lstm(self.dropout(x), pooled_mask))
        return summary


def remove_level(sound: Tensor, mask: Tensor) -> Tensor:
    """Take each window's own mean of c0 (loudness) away: recordings differ by 40 dB for no reason of emotion."""
    share = mask / mask.sum(dim=1, keepdim=True).clamp(min=1.0)
    level = (sound[:, :, :1] * share.unsqueeze(2)).sum(dim=1, keepdim=True)
    return torch.cat([sound[:, :, :1] - level, sound[:, :, 1:]], dim=2)
