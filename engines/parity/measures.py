"""How far two sets of answers are from each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from edge.samples import Floats
from engines.parity.tolerance import TIE


@dataclass(frozen=True)
class Errors:
    """Absolute differences: the largest and the mean; infinite where an answer is no number."""

    most: float
    mean: float

    @classmethod
    def between(cls, reference: Floats, candidate: Floats) -> Errors:
        """Of two arrays of one shape; nothing differs by nothing."""
        if not reference.size:
            return cls(0.0, 0.0)
        if not (np.isfinite(reference).all() and np.isfinite(candidate).all()):
            return cls(float("inf"), float("inf"))
        differences = np.abs(reference.astype(np.float64) - candidate)
        return cls(float(differences.max()), float(differences.mean()))

    def as_json(self) -> dict[str, float | None]:
        """JSON has no infinity: null stands for it."""
        return {name: value if np.isfinite(value) else None for name, value in vars(self).items()}


@dataclass(frozen=True)
class Agreement:
    """How many of `n` labels are the same; `ties` of them differ, but only where the reference sees a tie."""

    n: int
    same: int
    ties: int

    @classmethod
    def between(cls, reference: Floats, candidate: Floats) -> Agreement:
        """Of probabilities (n, 7). A row with what is no number agrees with nothing."""
        numbers = np.arange(len(reference))
        best, chosen = reference.argmax(axis=1), np.nan_to_num(candidate, nan=-np.inf).argmax(axis=1)
        finite = np.isfinite(candidate).all(axis=1)
        same = (best == chosen) & finite
        tied = (reference[numbers, best] - reference[numbers, chosen] <= TIE) & finite & ~same
        return cls(len(reference), int(same.sum() + tied.sum()), int(tied.sum()))

    @property
    def share(self) -> float:
        """1 where nothing was asked."""
        return self.same / self.n if self.n else 1.0

    def as_json(self) -> dict[str, Any]:
        """Counts and share."""
        return {"n": self.n, "same": self.same, "ties": self.ties, "share": self.share}
