"""Two tokens, what is seen and what is heard, that look at each other."""

from __future__ import annotations

import torch
from torch import Tensor, nn

SIZE = 256
_HEADS = 4


class Fusion(nn.Module):
    """Both summaries projected to SIZE, self-attention over the two tokens (Vaswani et al. 2017), then their mean."""

    def __init__(self, video_size: int, audio_size: int) -> None:
        super().__init__()
        self.project_video = nn.Sequential(nn.Linear(video_size, SIZE), nn.LayerNorm(SIZE))
        self.project_audio = nn.Sequential(nn.Linear(audio_size, SIZE), nn.LayerNorm(SIZE))
        self.attention = nn.MultiheadAttention(SIZE, _HEADS, dropout=0.1, batch_first=True)
        self.norm = nn.LayerNorm(SIZE)

    def forward(self, video: Tensor, audio: Tensor, sees: Tensor, hears: Tensor) -> Tensor:
        """(n, video_size), (n, audio_size) and whether each is there, (n,) bool, to (n, SIZE).

        A token that is not there is neither looked at nor counted; with neither there the answer is zeros.
        """
        tokens = torch.stack([self.project_video(video), self.project_audio(audio)], dim=1)
        there = torch.stack([sees, hears], dim=1)
        tokens = torch.where(there.unsqueeze(2), tokens, torch.zeros_like(tokens))
        hidden = ~there & there.any(dim=1, keepdim=True)  # with nothing to look at softmax would give NaN
        looked, _ = self.attention(tokens, tokens, tokens, key_padding_mask=hidden, need_weights=False)
        counted = there.unsqueeze(2).to(tokens.dtype)
        joint: Tensor = (self.norm(tokens + looked) * counted).sum(dim=1) / counted.sum(dim=1).clamp(min=1.0)
        return joint
