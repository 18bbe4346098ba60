"""How sure the student may say it is: one temperature per output (Guo et al. 2017), and when it should say so."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from edge.infer.verdict import softmax
from edge.samples import Floats
from engines.metrics import Labels

_TEMPERATURES = np.geomspace(0.3, 6.0, 120)
_THRESHOLDS = np.arange(0.2, 0.7, 0.01)
_BAND = 0.1


def fit_temperature(logits: Floats, labels: Labels, weight: Floats | None = None) -> float:
    """The temperature with the least negative log-likelihood of `labels`.

    `weight` (n,) says how much each row counts; by default all emotions weigh the same.
    """
    each = weight if weight is not None else 1.0 / np.bincount(labels, minlength=logits.shape[1])[labels]

    def loss(temperature: float) -> float:
        likely = softmax(logits, temperature)[np.arange(len(labels)), labels]
        return float(-(each * np.log(likely + 1e-12)).sum())

    return round(float(min(_TEMPERATURES, key=loss)), 3)


def fold_temperature(classifier: nn.Linear, temperature: float) -> None:
    """Divide the classifier's logits by `temperature` for good, so that logits of several outputs may be added."""
    with torch.no_grad():
        classifier.weight.div_(temperature)
        classifier.bias.div_(temperature)


def uncertain_below(probabilities: Floats, labels: Labels) -> float:
    """The confidence from which on a verdict is right at least half of the time (in a band of 0.1 above it)."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    for threshold in _THRESHOLDS:
        band = (confidence >= threshold) & (confidence < threshold + _BAND)
        if band.sum() >= 30 and right[band].mean() >= 0.5:
            return round(float(threshold), 2)
    return round(float(_THRESHOLDS[-1]), 2)
