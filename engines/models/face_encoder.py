"""The face encoder: one aligned 128×128 gray crop to one embedding, about 27 M multiply-adds."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from edge.samples import EMOTIONS

EMBEDDING_SIZE = 96
CROP_SIDE = 128
_WIDTHS = (24, 48, 96)
_BLOCKS = (1, 2)


class Block(nn.Module):
    """Two 3×3 convolutions with a shortcut (He et al. 2016); halves the sides when `stride` is 2."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(outputs)
        self.second = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(outputs)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            pool = nn.AvgPool2d(stride) if stride > 1 else nn.Identity()
            convolution = nn.Conv2d(inputs, outputs, 1, bias=False)
            self.shortcut = nn.Sequential(pool, convolution, nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        """(n, inputs, h, w) to (n, outputs, h / stride, w / stride)."""
        y = functional.relu(self.first_norm(self.first(x)))
        return functional.relu(self.second_norm(self.second(y)) + self.shortcut(x))


class FaceEncoder(nn.Module):
    """Crops (n, 1, 128, 128), gray 0 … 255, to embeddings (n, EMBEDDING_SIZE)."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = [
            nn.Conv2d(1, _WIDTHS[0], 3, 2, 1, bias=False),
            nn.BatchNorm2d(_WIDTHS[0]),
            nn.ReLU(),
        ]
        width = _WIDTHS[0]
        for outputs, count in zip(_WIDTHS[1:], _BLOCKS, strict=True):
            for number in range(count):
                layers.append(Block(width, outputs, 2 if number == 0 else 1))
                width = outputs
        self.layers = nn.Sequential(*layers)
        self.dropout = nn.Dropout(0.2)
        self.embed = nn.Linear(width, EMBEDDING_SIZE)
        self.classify = nn.Linear(EMBEDDING_SIZE, len(EMOTIONS))
        """Only for training and for the head's start: not in the exported graph."""

    def forward(self, crops: Tensor) -> Tensor:
        """What is exported: embeddings of full crops."""
        return self.encode_pooled(pool_crops(crops))

    def encode_pooled(self, pooled: Tensor) -> Tensor:
        """Embeddings (n, E) of crops that `pool_crops` has made 64×64 already (kept so for training)."""
        maps = self.layers(_standardise(pooled))
        features = self.dropout(maps.mean(dim=(2, 3)))
        return functional.relu(self.embed(features))

    def logits_pooled(self, pooled: Tensor) -> Tensor:
        """Logits (n, 7) of single pictures."""
        logits: Tensor = self.classify(self.encode_pooled(pooled))
        return logits


def pool_crops(crops: Tensor) -> Tensor:
    """(n, 1, 128, 128) to (n, 1, 64, 64): overlapping means take away fine texture that training pictures lack."""
    return functional.avg_pool2d(crops, 4, 2, 1, count_include_pad=False)


def _standardise(pooled: Tensor) -> Tensor:
    """Each crop to mean 0 and deviation 1: light and contrast say nothing about the emotion."""
    centred = pooled - pooled.mean(dim=(2, 3), keepdim=True)
    deviation = torch.sqrt((centred * centred).mean(dim=(2, 3), keepdim=True) + 1.0)
    return centred / deviation
