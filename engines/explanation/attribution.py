"""How much each pixel and each sound feature speaks for the verdict: expected gradients by SHAP.

Sundararajan et al. 2017 (integrated gradients), Erion et al. 2021 (their expectation over a background), as
shap.GradientExplainer computes them (Lundberg & Lee 2017). Attributions are in nats: they sum up, but for sampling,
to the difference of the verdict's log-probability from its mean over the background.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from edge.infer.card import Card
from edge.infer.verdict import shares
from edge.samples import EMOTIONS, Floats
from engines.clip_walk import Moment
from engines.explanation.network import OnnxNetwork
from engines.progress import meter

_BATCH = 4
_SEED = 0


@dataclass(frozen=True)
class Attribution:
    """Of one verdict."""

    emotion: str
    probabilities: Floats
    """(7,): fused, calibrated."""
    face: Floats
    """(128, 128): nats by pixel, summed over the window's crops, which are aligned."""
    sound: Floats
    """(100, 120): nats by feature."""
    output: float
    """Log-probability of the verdict."""
    reference: float
    """Its mean over the background."""
    masked_share: tuple[float, float]
    """(video, audio) as the daemon's payload has them: by masking one modality at a time."""

    @property
    def contributions(self) -> tuple[float, float]:
        """(video, audio) in nats; negative where a modality speaks against the verdict."""
        return float(self.face.sum()), float(self.sound.sum())

    @property
    def shares(self) -> tuple[float, float]:
        """(video, audio): how much of all that was attributed, for or against, lies in each; they sum to 1."""
        video, audio = (abs(part) for part in self.contributions)
        total = video + audio
        return (video / total, audio / total) if total > 1e-9 else (0.5, 0.5)

    @property
    def gap(self) -> float:
        """What sampling left over: the sum of all attributions less the difference they should sum up to."""
        return sum(self.contributions) - (self.output - self.reference)


class Explained(nn.Module):
    """Crops (n, k, 128, 128) and sound (n, 100, 120) of one window to the log-probability (n, 1) of one emotion."""

    def __init__(self, card: Card, moment: Moment) -> None:
        super().__init__()
        self.face, self.head = OnnxNetwork(card.face_path), OnnxNetwork(card.head_path)
        self._temperature = card.temperature["fused"]
        self._weights = torch.from_numpy(np.ascontiguousarray(moment.weights))
        self._video_mask = torch.from_numpy(moment.video_mask.astype(np.float32))
        self._sound_mask = torch.from_numpy(moment.window.sound_mask.astype(np.float32))
        self.emotion = 0

    def log_probabilities(self, crops: Tensor, sound: Tensor, *, sees: float = 1.0, hears: float = 1.0) -> Tensor:
        """(n, 7), fused and calibrated; 0 for `sees` or `hears` masks that modality."""
        n, k = crops.shape[:2]
        (embeddings,) = self.face(crops.reshape(n * k, 1, *crops.shape[2:]))
        slots = self._weights @ embeddings.reshape(n, k, -1)
        video_mask, sound_mask = (mask.expand(n, -1) for mask in (sees * self._video_mask, hears * self._sound_mask))
        fused, _, _ = self.head(slots, video_mask, sound, sound_mask)
        return torch.log_softmax(fused / self._temperature, dim=1)

    def forward(self, crops: Tensor, sound: Tensor) -> Tensor:
        """Of `emotion`."""
        return self.log_probabilities(crops, sound)[:, self.emotion : self.emotion + 1]

    def check(self, card: Card, crops: Tensor, sound: Tensor) -> None:
        """Raises EdgeError when torch and ONNX Runtime disagree about this window."""
        self.face.check(card.face_path, crops[0][:, None])
        with torch.no_grad():
            slots = self._weights @ self.face(crops[0][:, None])[0]
        self.head.check(card.head_path, slots[None], self._video_mask[None], sound, self._sound_mask[None])


def attribute(card: Card, moment: Moment, background: tuple[Floats, Floats], samples: int) -> Attribution:
    """The attributions of the fused verdict about `moment`; `samples` points between it and its background.

    Raises EdgeError when the model files cannot be run in torch.
    """
    crops = torch.from_numpy(moment.crops.astype(np.float32))[None]
    sound = torch.from_numpy(moment.window.sound.astype(np.float32))[None]
    network = Explained(card, moment).eval()
    network.check(card, crops, sound)
    with torch.no_grad():
        log_p = network.log_probabilities(crops, sound)
        network.emotion = int(log_p.argmax())
        parts = [
            network.log_probabilities(crops, sound, sees=sees, hears=hears).exp()[0].numpy()
            for sees, hears in ((1, 1), (0, 1), (1, 0))
        ]
        reference = float(network(*(torch.from_numpy(part) for part in background)).mean())
    face, heard = _expected_gradients(network, [crops, sound], background, samples)
    return Attribution(
        emotion=EMOTIONS[network.emotion],
        probabilities=parts[0],
        face=face.sum(axis=0),
        sound=heard,
        output=float(log_p[0, network.emotion]),
        reference=reference,
        masked_share=shares(parts[0], parts[1], parts[2]),
    )


def _expected_gradients(
    network: Explained, inputs: list[Tensor], background: tuple[Floats, Floats], samples: int
) -> tuple[Floats, Floats]:
    import shap

    with warnings.catch_warnings(), meter("explaining", -(-samples // _BATCH) + 1, 0) as move:
        warnings.simplefilter("ignore")
        network.register_forward_hook(lambda *_: move(""))
        explainer = shap.GradientExplainer(network, [torch.from_numpy(part) for part in background], batch_size=_BATCH)
        values: Any = explainer.shap_values(inputs, nsamples=samples, rseed=_SEED)
    face, heard = (np.asarray(value, np.float32)[0, ..., 0] for value in values)
    return face, heard
