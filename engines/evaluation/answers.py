"""What was said about a set of utterances or pictures, and all figures that follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.samples import Floats
from engines.evaluation.bootstrap import intervals
from engines.metrics import Labels, Sums, figures, reliability, sums_of_rows


@dataclass(frozen=True)
class Answers:
    """One row for each utterance (or picture)."""

    labels: Labels
    """(n,)"""
    people: NDArray[np.str_]
    """(n,): who speaks; empty where the data do not say."""
    whole: Floats
    """(n, 7): probabilities over the whole utterance."""
    windows: tuple[Floats, ...] = ()
    """For each utterance (k, 7): probabilities of its single seconds; none of them for pictures."""

    def sums(self) -> Sums:
        """One entry for each utterance."""
        return sums_of_rows(self.labels, self.whole)

    def block(self) -> dict[str, Any]:
        """The figures as `evaluate --json` gives them."""
        result: dict[str, Any] = figures(self.labels, self.whole)
        result["intervals"] = intervals(self.sums())
        result["reliability"] = reliability(self.labels, self.whole)
        if self.people.size and (self.people != "").all():
            result["people"] = self._people()
        if self.windows:
            result["windows"] = self._windows()
        return result

    def _people(self) -> dict[str, Any]:
        """Figures of each person, their mean, and their sample deviation (None for one person)."""
        each = {}
        for person in np.unique(self.people):
            rows = self.people == person
            judged = figures(self.labels[rows], self.whole[rows])
            each[str(person)] = {name: judged[name] for name in ("n", "accuracy", "uar", "macro_f1")}
        scores = {name: [judged[name] for judged in each.values()] for name in ("accuracy", "uar", "macro_f1")}
        mean = {name: round(float(np.mean(values)), 4) for name, values in scores.items()}
        sd = {
            name: round(float(np.std(values, ddof=1)), 4) if len(values) > 1 else None
            for name, values in scores.items()
        }
        return {"n": len(each), "mean": mean, "sd": sd, "each": each}

    def _windows(self) -> dict[str, Any]:
        """Figures of single seconds; the bootstrap draws utterances with all their windows, which are alike."""
        counts = [len(rows) for rows in self.windows]
        labels, rows = np.repeat(self.labels, counts), np.concatenate(self.windows)
        owner = np.repeat(np.arange(len(counts)), counts)
        single = sums_of_rows(labels, rows)
        by_utterance = Sums(_added(single.tables, owner, len(counts)), _added(single.bins, owner, len(counts)))
        return {**figures(labels, rows), "intervals": intervals(by_utterance), "reliability": reliability(labels, rows)}


def _added(values: NDArray[np.float64], owner: NDArray[np.int64], n: int) -> NDArray[np.float64]:
    total = np.zeros((n, *values.shape[1:]))
    np.add.at(total, owner, values)
    return total
