"""Percentile bootstrap (Efron 1979) over utterances: how far a figure could be off with other utterances."""

from __future__ import annotations

from typing import Any

import numpy as np

from engines.metrics import SCORES, Reals, Sums

RESAMPLES = 1000
LEVEL = 0.95
SEED = 20
_ROWS_AT_ONCE = 4_000_000


def intervals(sums: Sums, *, resamples: int = RESAMPLES, seed: int = SEED) -> dict[str, list[float]]:
    """[low, high] of each of SCORES. One entry of `sums` is what is drawn: an utterance, or one with its windows.

    No entries at all give no intervals.
    """
    if not len(sums.tables):
        return {}
    drawn = resampled(sums, resamples, seed)
    return {name: _percentiles(drawn[name]) for name in SCORES}


def gain_over_better(
    fused: Sums, alone: dict[str, Sums], *, resamples: int = RESAMPLES, seed: int = SEED
) -> dict[str, Any]:
    """By how much the UAR of `fused` is above the better one of `alone`, all three drawn with the same utterances.

    Returns the better one's name, the difference `uar`, its `interval`, and `above_zero`, the share of resamples in
    which fused wins. In each resample the better one is chosen anew, as it is on the whole.
    """
    whole = {name: _uar(sums) for name, sums in alone.items()}
    better = max(whole, key=lambda name: whole[name])
    others = np.max([resampled(sums, resamples, seed)["uar"] for sums in alone.values()], axis=0)
    difference = resampled(fused, resamples, seed)["uar"] - others
    return {
        "better": better,
        "uar": round(_uar(fused) - whole[better], 4),
        "interval": _percentiles(difference),
        "above_zero": round(float((difference > 0).mean()), 4),
    }


def resampled(sums: Sums, resamples: int, seed: int) -> dict[str, Reals]:
    """Each of SCORES (resamples,); the same seed draws the same utterances of sets of equal size."""
    n = len(sums.tables)
    random = np.random.default_rng(seed)
    tables, bins = sums.tables.reshape(n, -1), sums.bins.reshape(n, -1)
    parts: list[dict[str, Reals]] = []
    step = max(1, _ROWS_AT_ONCE // n)
    for begin in range(0, resamples, step):
        count = min(step, resamples - begin)
        times = np.stack([np.bincount(random.integers(n, size=n), minlength=n) for _ in range(count)]).astype(float)
        drawn = Sums(
            (times @ tables).reshape(count, *sums.tables.shape[1:]), (times @ bins).reshape(count, *sums.bins.shape[1:])
        )
        parts.append(drawn.scores())
    return {name: np.concatenate([part[name] for part in parts]) for name in SCORES}


def _uar(sums: Sums) -> float:
    return float(Sums(sums.tables.sum(axis=0), sums.bins.sum(axis=0)).scores()["uar"])


def _percentiles(values: Reals) -> list[float]:
    tail = 50.0 * (1.0 - LEVEL)
    low, high = np.percentile(values, [tail, 100.0 - tail])
    return [round(float(low), 4), round(float(high), 4)]
