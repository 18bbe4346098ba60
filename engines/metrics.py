"""Figures of merit, from true labels (n,) and probabilities (n, 7); formulas and sources: docs/evaluation.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.samples import EMOTIONS, Floats

Labels = NDArray[np.int64]
Reals = NDArray[np.float64]
SCORES = ("accuracy", "uar", "macro_f1", "ece")
BINS = 15
_CLASSES = len(EMOTIONS)


@dataclass(frozen=True)
class Sums:
    """What all scores are made of; sums of several rows are the sums of all of them together."""

    tables: Reals
    """(…, 7, 7) counts: rows are true labels, columns verdicts."""
    bins: Reals
    """(…, BINS, 3): in each bin of confidence the verdicts, the sum of their confidences, those that are right."""

    def scores(self) -> dict[str, Reals]:
        """Accuracy, uar, macro_f1 and ece, each of the shape that leads `tables`."""
        right, true = np.diagonal(self.tables, axis1=-2, axis2=-1), self.tables.sum(axis=-1)
        said, n = self.tables.sum(axis=-2), np.maximum(1.0, self.tables.sum(axis=(-2, -1)))
        classes = np.maximum(1, (true > 0).sum(axis=-1))
        recall = np.where(true > 0, right / np.maximum(1.0, true), 0.0)
        f1 = np.where(true > 0, 2.0 * right / np.maximum(1.0, true + said), 0.0)
        gaps = np.abs(self.bins[..., 1] - self.bins[..., 2])
        values = (right.sum(axis=-1) / n, recall.sum(axis=-1) / classes, f1.sum(axis=-1) / classes)
        return dict(zip(SCORES, (*values, gaps.sum(axis=-1) / n), strict=True))


def sums_of_rows(labels: Labels, probabilities: Floats) -> Sums:
    """One entry for each row."""
    n = len(labels)
    rows, said = np.arange(n), probabilities.argmax(axis=1)
    tables = np.zeros((n, _CLASSES, _CLASSES))
    tables[rows, labels, said] = 1.0
    confidence = probabilities[rows, said].astype(np.float64)
    bins = np.zeros((n, BINS, 3))
    place = np.minimum((confidence * BINS).astype(int), BINS - 1)
    bins[rows, place] = np.stack([np.ones(n), confidence, said == labels], axis=1)
    return Sums(tables, bins)


def together(sums: Sums) -> Sums:
    """All rows as one."""
    return Sums(sums.tables.sum(axis=0), sums.bins.sum(axis=0))


def confusion(labels: Labels, probabilities: Floats) -> NDArray[np.int64]:
    """(7, 7) counts: rows are true labels, columns verdicts."""
    return np.asarray(together(sums_of_rows(labels, probabilities)).tables, np.int64)


def figures(labels: Labels, probabilities: Floats) -> dict[str, Any]:
    """n, accuracy, uar (mean recall over the classes present), macro_f1, ece (15 bins, Guo et al. 2017), confusion."""
    whole = together(sums_of_rows(labels, probabilities))
    scores = {name: round(float(value), 4) for name, value in whole.scores().items()}
    return {"n": len(labels), **scores, "confusion": whole.tables.astype(int).tolist()}


def expected_calibration_error(labels: Labels, probabilities: Floats) -> float:
    """Mean distance of confidence and accuracy over equal-width bins of confidence, weighted by their size."""
    return float(together(sums_of_rows(labels, probabilities)).scores()["ece"])


def reliability(labels: Labels, probabilities: Floats) -> list[dict[str, float]]:
    """The occupied bins of a reliability diagram: from, to, n, mean confidence, accuracy."""
    bins = together(sums_of_rows(labels, probabilities)).bins
    return [
        {
            "from": round(number / BINS, 4),
            "to": round((number + 1) / BINS, 4),
            "n": int(count),
            "confidence": round(float(confidence / count), 4),
            "accuracy": round(float(right / count), 4),
        }
        for number, (count, confidence, right) in enumerate(bins)
        if count
    ]
