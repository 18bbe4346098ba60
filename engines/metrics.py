"""Figures of merit, from true labels (n,) and probabilities (n, 7)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.samples import EMOTIONS, Floats

Labels = NDArray[np.int64]


def confusion(labels: Labels, probabilities: Floats) -> NDArray[np.int64]:
    """(7, 7) counts: rows are true labels, columns verdicts."""
    table = np.zeros((len(EMOTIONS), len(EMOTIONS)), np.int64)
    np.add.at(table, (labels, probabilities.argmax(axis=1)), 1)
    return table


def figures(labels: Labels, probabilities: Floats) -> dict[str, Any]:
    """n, accuracy, uar (mean recall over the classes present), macro_f1, ece (15 bins, Guo et al. 2017), confusion."""
    table = confusion(labels, probabilities)
    right, true, said = np.diag(table), table.sum(axis=1), table.sum(axis=0)
    present = true > 0
    recall = right[present] / true[present]
    f1 = 2 * right[present] / (true[present] + said[present])
    return {
        "n": len(labels),
        "accuracy": round(float(right.sum() / max(1, true.sum())), 4),
        "uar": round(float(recall.mean()) if present.any() else 0.0, 4),
        "macro_f1": round(float(f1.mean()) if present.any() else 0.0, 4),
        "ece": round(expected_calibration_error(labels, probabilities), 4),
        "confusion": table.tolist(),
    }


def expected_calibration_error(labels: Labels, probabilities: Floats, bins: int = 15) -> float:
    """Mean distance of confidence and accuracy over equal-width bins of confidence."""
    if len(labels) == 0:
        return 0.0
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    inside = [place == number for number in set(place)]
    return float(sum(abs(right[rows].mean() - confidence[rows].mean()) * rows.mean() for rows in inside))
