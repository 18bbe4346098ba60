"""The teacher's eyes: ResNet-34 on every frame, then a bidirectional LSTM over the frames.

The ResNet-34 of He et al. 2016 has torchvision's names (`conv1.weight`, `layer2.0.downsample.0.weight`, `fc.bias`), so
ImageNet weights that a user has load as they are.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from edge.errors import UsageError
from edge.samples import EMOTIONS
from engines.models.sequence import MaskedLstm

FEATURES = 512
HIDDEN = 256
_WIDTHS = (64, 128, 256, 512)
_BLOCKS = (3, 4, 6, 3)


class BasicBlock(nn.Module):
    """Two 3×3 convolutions with a shortcut; the first one halves the sides when `stride` is 2."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample: nn.Module | None = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        """(n, inputs, h, w) to (n, outputs, h / stride, w / stride)."""
        shortcut = x if self.downsample is None else self.downsample(x)
        y = functional.relu(self.bn1(self.conv1(x)))
        return functional.relu(self.bn2(self.conv2(y)) + shortcut)


class ResNet34(nn.Module):
    """Gray pictures (n, h, w), 0 … 255, of any side from 32 on, to features (n, 512); `fc` judges single pictures."""

    def __init__(self, classes: int = len(EMOTIONS)) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, _WIDTHS[0], 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(_WIDTHS[0])
        inputs = (_WIDTHS[0], *_WIDTHS)
        self.layer1, self.layer2, self.layer3, self.layer4 = (
            _layer(inputs[k], _WIDTHS[k], _BLOCKS[k], 1 if k == 0 else 2) for k in range(4)
        )
        self.fc = nn.Linear(FEATURES, classes)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, pictures: Tensor) -> Tensor:
        """Gray goes into all three channels: the kernels of ImageNet stay what they are."""
        x = standardise(pictures).unsqueeze(1).expand(-1, 3, -1, -1)
        x = functional.max_pool2d(functional.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        features: Tensor = x.mean(dim=(2, 3))
        return features

    def load_imagenet(self, file: Path) -> None:
        """Take torchvision's weights, all but those of another `fc`. Raises UsageError naming what does not fit."""
        try:
            given = torch.load(file, map_location="cpu", weights_only=True)
            own = self.state_dict()
            taken = {name: value for name, value in given.items() if not name.startswith("fc.")}
            wrong = [name for name in own if not name.startswith("fc.") and not _fits(taken.get(name), own[name])]
        except Exception as error:
            raise UsageError(f"The weights {file} cannot be read ({error}): give torchvision's ResNet-34.") from error
        if wrong or not taken:
            raise UsageError(
                f"The weights {file} are not torchvision's ResNet-34 ({', '.join(wrong[:3])} missing or of another "
                "shape): give its state dict as saved by torch.save."
            )
        self.load_state_dict({name: value for name, value in taken.items() if name in own}, strict=False)


class Visual(nn.Module):
    """Frames (n, t, h, w) and mask (n, t) to a summary (n, 2 × HIDDEN) of all frames that are there."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = ResNet34()
        self.lstm = MaskedLstm(FEATURES, HIDDEN)
        self.dropout = nn.Dropout(0.3)

    def forward(self, frames: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """The summary, and the logits (frames there, 7) of each single frame that is there."""
        there = mask > 0
        seen = self.backbone(frames[there]) if there.any() else frames.new_zeros(0, FEATURES)
        steps = seen.new_zeros(*mask.shape, FEATURES)
        steps[there] = self.dropout(seen)
        return self.lstm(steps, mask), self.backbone.fc(self.dropout(seen))


def standardise(pictures: Tensor) -> Tensor:
    """Each picture (n, h, w) to mean 0 and deviation 1: light and contrast say nothing about the emotion."""
    centred = pictures - pictures.mean(dim=(1, 2), keepdim=True)
    return centred / torch.sqrt(centred.square().mean(dim=(1, 2), keepdim=True) + 1.0)


def _layer(inputs: int, outputs: int, blocks: int, stride: int) -> nn.Sequential:
    first = BasicBlock(inputs, outputs, stride)
    return nn.Sequential(first, *(BasicBlock(outputs, outputs, 1) for _ in range(blocks - 1)))


def _fits(given: object, own: Tensor) -> bool:
    return isinstance(given, Tensor) and given.shape == own.shape
