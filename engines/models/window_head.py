"""The window head: 15 embeddings and 100 sound frames to three sets of logits. Masked steps never count."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from edge.features.mfcc import MFCC_COUNT
from edge.samples import EMOTIONS, FEATURE_SIZE
from engines.models.face_encoder import EMBEDDING_SIZE

TOKEN_SIZE = 64
_WIDTHS = (48, 72)
_COLOURS = 24
_MOVING = 2 * MFCC_COUNT
_LIMIT = 6.0  # deviations: an outlier of a standardised feature is cut off there
_STRIDE = 4
_HIDDEN = 32
_FAR = 30.0  # added below a masked step's score: e^-30 is nothing, and half precision still holds it


class MaskedPooling(nn.Module):
    """Attention over time (Bahdanau et al. 2015 scores) beside mean and deviation, over unmasked steps only."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.score = nn.Sequential(nn.Linear(size, _HIDDEN), nn.Tanh(), nn.Linear(_HIDDEN, 1))

    def forward(self, steps: Tensor, mask: Tensor) -> Tensor:
        """(n, t, size) and (n, t) to (n, 3 × size); zeros where a whole row is masked."""
        scores = self.score(steps).squeeze(2) - _FAR * (1.0 - mask)
        weights = torch.softmax(scores, dim=1) * mask
        attended = (steps * weights.unsqueeze(2)).sum(dim=1)
        share = (mask / mask.sum(dim=1, keepdim=True).clamp(min=1.0)).unsqueeze(2)
        mean = (steps * share).sum(dim=1)
        spread = torch.sqrt(((steps - mean.unsqueeze(1)).square() * share).sum(dim=1) + 1e-4)
        return torch.cat([attended, mean, spread], dim=1)


class VideoBranch(nn.Module):
    """Embeddings (n, 15, E) to a token (n, TOKEN_SIZE)."""

    def __init__(self) -> None:
        super().__init__()
        self.pooling = MaskedPooling(EMBEDDING_SIZE)
        self.project = nn.Sequential(
            nn.Linear(3 * EMBEDDING_SIZE, TOKEN_SIZE), nn.BatchNorm1d(TOKEN_SIZE), nn.ReLU(), nn.Dropout(0.2)
        )

    def forward(self, embeddings: Tensor, mask: Tensor) -> Tensor:
        """Masked slots may hold anything, NaN included."""
        token: Tensor = self.project(self.pooling(_keep(embeddings, mask), mask))
        return token


class SoundBranch(nn.Module):
    """Raw features (n, 100, 120) to a token (n, TOKEN_SIZE)."""

    centre: Tensor
    scale: Tensor

    def __init__(self, widths: tuple[int, int] = _WIDTHS) -> None:
        super().__init__()
        self.register_buffer("centre", torch.zeros(FEATURE_SIZE))
        self.register_buffer("scale", torch.ones(FEATURE_SIZE))
        narrow, wide = widths
        self.stem = _convolution(_MOVING, narrow, 5, stride=2)
        self.narrow = _convolution(narrow, narrow, 3)
        self.widen = _convolution(narrow, wide, 3, stride=2)
        self.wide = _convolution(wide, wide, 3)
        self.far = _convolution(wide, wide, 3, dilation=2)
        self.thin = nn.Dropout(0.1)
        self.dropout = nn.Dropout(0.2)
        self.pooling = MaskedPooling(wide)
        self.colour = nn.Sequential(nn.Linear(MFCC_COUNT, _COLOURS), nn.ReLU(), nn.Dropout(0.3))
        self.project = nn.Sequential(
            nn.Linear(3 * wide + _COLOURS, TOKEN_SIZE), nn.BatchNorm1d(TOKEN_SIZE), nn.ReLU(), nn.Dropout(0.3)
        )

    def set_statistics(self, centre: Tensor, scale: Tensor) -> None:
        """Fix the standardisation: mean and deviation (120,) of training features after `prepare`."""
        self.centre.copy_(centre)
        self.scale.copy_(scale)

    def forward(self, sound: Tensor, mask: Tensor) -> Tensor:
        """Masked frames may hold anything, NaN included."""
        x = ((self.prepare(sound, mask) - self.centre) / self.scale).clamp(-_LIMIT, _LIMIT)
        x = _keep(x, mask)
        colour = self.colour(x[:, :, _MOVING:].sum(dim=1) / mask.sum(dim=1, keepdim=True).clamp(min=1.0))
        x = self.stem(x[:, :, :_MOVING].transpose(1, 2))
        x = self.widen(x + self.thin(self.narrow(x)))
        x = x + self.thin(self.wide(x))
        kept = mask[:, ::_STRIDE]
        x = self.dropout(x + self.far(x * kept.unsqueeze(1))).transpose(1, 2)
        token: Tensor = self.project(torch.cat([self.pooling(x, kept), colour], dim=1))
        return token

    def prepare(self, sound: Tensor, mask: Tensor) -> Tensor:
        """(n, 100, 120): statics without their mean over the window, deltas, and in each frame that mean itself.

        Who speaks, and into what, shows in the mean; how he speaks, in what moves about it (Atal 1974, cepstral mean
        subtraction). The mean of c0, loudness, is 0. Delta-deltas are left out: they are linear in what the five
        frames of the first convolution see of statics and deltas.
        """
        sound = _keep(sound, mask)
        statics = sound[:, :, :MFCC_COUNT]
        mean = statics.sum(dim=1, keepdim=True) / mask.sum(dim=1).clamp(min=1.0).view(-1, 1, 1)
        colour = torch.cat([torch.zeros_like(mean[:, :, :1]), mean[:, :, 1:]], dim=2).expand_as(statics)
        return torch.cat([statics - mean, sound[:, :, MFCC_COUNT:_MOVING], colour], dim=2)


class WindowHead(nn.Module):
    """One window of one face and the voice to fused, video-only and audio-only logits."""

    def __init__(self) -> None:
        super().__init__()
        self.video = VideoBranch()
        self.audio = SoundBranch()
        self.classify_video = nn.Linear(TOKEN_SIZE, len(EMOTIONS))
        self.classify_audio = nn.Linear(TOKEN_SIZE, len(EMOTIONS))
        self.gate = nn.Linear(2 * len(EMOTIONS), 2)
        nn.init.zeros_(self.gate.weight)
        nn.init.zeros_(self.gate.bias)

    def forward(
        self, embeddings: Tensor, video_mask: Tensor, sound: Tensor, sound_mask: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """(n, 15, E), (n, 15), (n, 100, 120), (n, 100), masks 0 or 1, to three times (n, 7)."""
        seen = self.video(embeddings, video_mask)
        heard = self.audio(sound, sound_mask)
        video, audio = self.classify_video(seen), self.classify_audio(heard)
        return self.fuse(video, audio, video_mask, sound_mask), video, audio

    def fuse(self, video: Tensor, audio: Tensor, video_mask: Tensor, sound_mask: Tensor) -> Tensor:
        """Weighted sum of both logits; a modality that is wholly masked leaves the other one's logits as they are.

        With weights of 1 this is the product of experts, right for calibrated and independent opinions; the gate
        corrects it by what both say and how surely.
        """
        sees = (video_mask.sum(dim=1, keepdim=True) > 0).to(video.dtype)
        hears = (sound_mask.sum(dim=1, keepdim=True) > 0).to(audio.dtype)
        both = sees * hears
        opinions = torch.cat([torch.softmax(video, dim=1), torch.softmax(audio, dim=1)], dim=1)
        gates = 2.0 * torch.sigmoid(self.gate(opinions))
        weights = both * gates + (1.0 - both)
        return sees * weights[:, :1] * video + hears * weights[:, 1:] * audio


def _keep(steps: Tensor, mask: Tensor) -> Tensor:
    return torch.where(mask.unsqueeze(2) > 0, steps, torch.zeros_like(steps))


def _convolution(inputs: int, outputs: int, width: int, *, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    padding = width // 2 * dilation
    return nn.Sequential(
        nn.Conv1d(inputs, outputs, width, stride, padding, dilation, bias=False), nn.BatchNorm1d(outputs), nn.ReLU()
    )
