"""A face recogniser to start a teacher from: dlib's ResNet with 29 convolutions (King 2017), which knows faces already.

Its weights are read in the form that face-api.js distributes them (MIT): a manifest of named tensors beside a file of
quantised numbers. They tell people apart and know nothing of emotions.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from edge.errors import UsageError
from edge.samples import EMOTIONS, Floats
from engines.models.visual import standardise

FEATURES = 256
_STEM = "conv32_down"
_BLOCKS = (
    ("conv32_1", 32, 32), ("conv32_2", 32, 32), ("conv32_3", 32, 32),
    ("conv64_down", 32, 64), ("conv64_1", 64, 64), ("conv64_2", 64, 64), ("conv64_3", 64, 64),
    ("conv128_down", 64, 128), ("conv128_1", 128, 128), ("conv128_2", 128, 128),
    ("conv256_down", 128, 256), ("conv256_1", 256, 256), ("conv256_2", 256, 256), ("conv256_down_out", 256, 256),
)  # fmt: skip
_CONTRAST = 0.23  # dlib divides grays by 256; a face's own deviation is about 60


class Unit(nn.Module):
    """A convolution and its scale, which is dlib's batch norm after training."""

    def __init__(self, inputs: int, outputs: int, side: int, stride: int, padding: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, side, stride, padding, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        """(n, inputs, h, w) to (n, outputs, h', w')."""
        y: Tensor = self.norm(self.conv(x))
        return y

    def take(self, weights: dict[str, Floats], name: str) -> None:
        """The tensors called `name`; a stem that sees one gray channel takes the sum of the three colours'."""
        kernel = torch.from_numpy(weights[f"{name}/conv/filters"]).permute(3, 2, 0, 1)
        if self.conv.in_channels == 1:
            kernel = _CONTRAST * kernel.sum(dim=1, keepdim=True)
        scale, shift, bias = (
            torch.from_numpy(weights[f"{name}/{part}"]) for part in ("scale/weights", "scale/biases", "conv/bias")
        )
        with torch.no_grad():
            self.conv.weight.copy_(kernel)
            self.norm.weight.copy_(scale)
            self.norm.bias.copy_(shift + scale * bias)

    def settle(self, mean: Tensor, variance: Tensor) -> None:
        """Give the batch norm the statistics of real faces, its function unchanged."""
        old_mean, old_variance = self.norm.get_buffer("running_mean"), self.norm.get_buffer("running_var")
        with torch.no_grad():
            gain = self.norm.weight / torch.sqrt(old_variance + self.norm.eps)
            self.norm.bias.add_(gain * (mean - old_mean))
            self.norm.weight.copy_(gain * torch.sqrt(variance + self.norm.eps))
            old_mean.copy_(mean)
            old_variance.copy_(variance)


class PriorBlock(nn.Module):
    """Two 3×3 convolutions with a shortcut; where the width grows, the shortcut is filled up with zeros."""

    def __init__(self, inputs: int, outputs: int, *, halves: bool) -> None:
        super().__init__()
        self.halves, self.more = halves, outputs - inputs
        self.conv1 = Unit(inputs, outputs, 3, 2 if halves else 1, 0 if halves else 1)
        self.conv2 = Unit(outputs, outputs, 3, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(n, inputs, h, w) to (n, outputs, h, w), or to half the sides, rounded down."""
        if not self.halves:
            return functional.relu(x + self.conv2(functional.relu(self.conv1(x))))
        y = self.conv2(functional.relu(self.conv1(functional.pad(x, (0, 1, 0, 1)))))
        shortcut = functional.pad(functional.avg_pool2d(x, 2), (0, 0, 0, 0, 0, self.more))
        return functional.relu(y + shortcut)


class FacePrior(nn.Module):
    """Gray pictures (n, h, w), 0 … 255, sides from 64 on, to features (n, 256); `fc` judges single pictures."""

    def __init__(self, classes: int = len(EMOTIONS)) -> None:
        super().__init__()
        self.stem = Unit(1, _BLOCKS[0][1], 7, 2, 0)
        self.blocks = nn.ModuleList(
            PriorBlock(inputs, outputs, halves="_down" in name) for name, inputs, outputs in _BLOCKS
        )
        self.dropout = nn.Dropout(0.4)
        self.fc = nn.Linear(FEATURES, classes)

    def forward(self, pictures: Tensor) -> Tensor:
        """Features before dropout."""
        x = functional.relu(self.stem(standardise(pictures).unsqueeze(1)))
        x = functional.max_pool2d(x, 3, 2)
        for block in self.blocks:
            x = block(x)
        return x.mean(dim=(2, 3))

    def logits(self, pictures: Tensor) -> Tensor:
        """(n, 7) of single pictures."""
        logits: Tensor = self.fc(self.dropout(self(pictures)))
        return logits

    def load_recogniser(self, manifest: Path, pictures: Tensor) -> None:
        """Take the weights of face-api.js' `face_recognition_model-weights_manifest.json`.

        Typical `pictures` (n, h, w) settle the batch norms. Raises UsageError for another file.
        """
        weights = read_manifest(manifest)
        try:
            self.stem.take(weights, _STEM)
            for block, (name, _, _) in zip(self.blocks, _BLOCKS, strict=True):
                for number in (1, 2):
                    getattr(block, f"conv{number}").take(weights, f"{name}/conv{number}")
        except (KeyError, RuntimeError) as error:
            raise UsageError(
                f"{manifest} holds another network ({error}): give the manifest of face-api.js' face recognition model."
            ) from error
        self._settle(pictures)

    def _settle(self, pictures: Tensor) -> None:
        units = [unit for unit in self.modules() if isinstance(unit, Unit)]
        maps: dict[Unit, Tensor] = {}
        hooks = [
            unit.conv.register_forward_hook(lambda _conv, _inputs, output, unit=unit: maps.__setitem__(unit, output))
            for unit in units
        ]
        with torch.no_grad():
            self.eval()(pictures)
        for hook in hooks:
            hook.remove()
        for unit, output in maps.items():
            unit.settle(output.mean(dim=(0, 2, 3)), output.var(dim=(0, 2, 3)))


def read_manifest(manifest: Path) -> dict[str, Floats]:
    """Tensors by name, of the weights that lie beside a TensorFlow.js manifest, brought back from 8-bit steps."""
    try:
        groups = json.loads(manifest.read_text("utf-8"))
        tensors: dict[str, Floats] = {}
        for group in groups:
            content = b"".join((manifest.parent / path).read_bytes() for path in group["paths"])
            tensors.update(_tensors(content, group["weights"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{manifest} is no manifest of weights with its files beside it: {error}.") from error
    return tensors


def _tensors(content: bytes, entries: Iterable[dict[str, object]]) -> Iterable[tuple[str, Floats]]:
    at = 0
    for entry in entries:
        shape = [int(side) for side in np.asarray(entry["shape"]).ravel()]
        steps = entry.get("quantization")
        kind = np.dtype(str(steps["dtype"]) if isinstance(steps, dict) else "float32")
        values = np.frombuffer(content, kind, int(np.prod(shape)), at).astype(np.float32)
        at += values.size * kind.itemsize
        if isinstance(steps, dict):
            values = values * np.float32(steps["scale"]) + np.float32(steps["min"])
        yield str(entry["name"]), values.reshape(shape)
