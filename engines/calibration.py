"""How sure the student may say it is: one temperature per output (Guo et al. 2017), and when it should say so."""

from __future__ import annotations

import numpy as np

from edge.infer.verdict import softmax
from edge.samples import Floats
from engines.metrics import Labels

_TEMPERATURES = np.geomspace(0.3, 6.0, 120)
_THRESHOLDS = np.arange(0.2, 0.7, 0.01)
_BAND = 0.1


def fit_temperature(logits: Floats, labels: Labels) -> float:
    """The temperature with the least negative log-likelihood of `labels`, all emotions weighing the same."""
    counts = np.bincount(labels, minlength=logits.shape[1])
    weight = 1.0 / counts[labels]

    def loss(temperature: float) -> float:
        likely = softmax(logits, temperature)[np.arange(len(labels)), labels]
        return float(-(weight * np.log(likely + 1e-12)).sum())

    return round(float(min(_TEMPERATURES, key=loss)), 3)


def uncertain_below(probabilities: Floats, labels: Labels) -> float:
    """The confidence from which on a verdict is right at least half of the time (in a band of 0.1 above it)."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    for threshold in _THRESHOLDS:
        band = (confidence >= threshold) & (confidence < threshold + _BAND)
        if band.sum() >= 30 and right[band].mean() >= 0.5:
            return round(float(threshold), 2)
    return round(float(_THRESHOLDS[-1]), 2)
