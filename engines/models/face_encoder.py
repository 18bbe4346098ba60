"""The face encoder: one aligned 128×128 gray crop to one embedding, about 18.6 M multiply-adds."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from edge.samples import EMOTIONS

EMBEDDING_SIZE = 96
CROP_SIDE = 128
WORKING_SIDE = 48
"""Sides of the picture that the convolutions see: FER2013's own resolution, so nothing finer can be learnt."""
_STEM_WIDTHS = (16, 32)
_BLOCKS = ((48, 2), (96, 2), (96, 1))
"""Width and stride of each residual block."""
_SQUEEZE = 4


class Block(nn.Module):
    """Two 3×3 convolutions with a shortcut (He et al. 2016), channels weighed by their means (Hu et al. 2018)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.first = _convolution(inputs, outputs, stride)
        self.second = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(outputs)
        self.weigh = nn.Sequential(
            nn.Linear(outputs, outputs // _SQUEEZE), nn.ReLU(), nn.Linear(outputs // _SQUEEZE, outputs), nn.Sigmoid()
        )
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            pool = nn.AvgPool2d(stride) if stride > 1 else nn.Identity()
            self.shortcut = nn.Sequential(pool, nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        """(n, inputs, h, w) to (n, outputs, h / stride, w / stride)."""
        y = self.second_norm(self.second(self.first(x)))
        weights = self.weigh(y.mean(dim=(2, 3))).unsqueeze(2).unsqueeze(3)
        return functional.relu(y * weights + self.shortcut(x))


class FaceEncoder(nn.Module):
    """Crops (n, 1, 128, 128), gray 0 … 255, to embeddings (n, EMBEDDING_SIZE)."""

    def __init__(self) -> None:
        super().__init__()
        narrow, width = _STEM_WIDTHS
        layers: list[nn.Module] = [_convolution(1, narrow, 2), _convolution(narrow, width, 1)]
        side = WORKING_SIDE // 2
        for outputs, stride in _BLOCKS:
            layers.append(Block(width, outputs, stride))
            width, side = outputs, side // stride
        self.layers = nn.Sequential(*layers)
        # One weight for each place: the crops are aligned, so where something lies says what it is (Chen et al. 2018).
        self.gather = nn.Sequential(nn.Conv2d(width, width, side, groups=width, bias=False), nn.BatchNorm2d(width))
        self.dropout = nn.Dropout(0.2)
        self.embed = nn.Linear(width, EMBEDDING_SIZE)
        self.classify = nn.Linear(EMBEDDING_SIZE, len(EMOTIONS))
        """Only for training and for the head's start: not in the exported graph."""

    def forward(self, crops: Tensor) -> Tensor:
        """What is exported: embeddings of full crops."""
        return self.encode_pooled(pool_crops(crops))

    def encode_pooled(self, pooled: Tensor) -> Tensor:
        """Embeddings (n, E) of crops that `pool_crops` has made 64×64 already (kept so for training), or smaller."""
        small = functional.interpolate(pooled, (WORKING_SIDE, WORKING_SIDE), mode="bilinear", align_corners=False)
        features = self.gather(self.layers(_standardise(small))).flatten(1)
        return functional.relu(self.embed(self.dropout(features)))

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


def _convolution(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )
