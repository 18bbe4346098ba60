"""How well a lag that grows is followed: the sound's clock runs 200 ppm fast or slow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.clock import NS_PER_S
from engines.progress import progress
from tests.sync_bench.studio import Studio
from tests.sync_bench.table import Table, percent
from tests.sync_bench.walk import Moment, Walk

PPM = 200.0
LONG_S, QUICK_S = 240.0, 60.0
SHIFT_MS = 80.0
"""Devices are never in step when they start."""


def drift_tables(studio: Studio, *, quick: bool) -> list[Table]:
    """What is left of the drift in the second half of long runs, and the published rate."""
    seconds = QUICK_S if quick else LONG_S
    names = list(studio.people)[: 1 if quick else 4]
    table = Table(
        "drift",
        f"Lag under drift: {seconds:g} s, in which it grows by {seconds * PPM / 1000:g} ms",
        (
            "true ppm",
            "people",
            "told %",
            "residual median ms",
            "p95 ms",
            "≤ 20 ms %",
            "ppm told, half way",
            "ppm told, end",
        ),
        "residual: |published − true lag|, less the median of the same person's run without drift; second half",
    )
    found: dict[float, list[list[Moment]]] = {0.0: [], PPM: [], -PPM: []}
    for name in progress(names, "drift"):
        plain = studio.made(studio.people[name], seconds=seconds)
        for ppm, runs in found.items():
            runs.append(list(Walk(plain.shifted(SHIFT_MS, ppm)).moments()))
    for ppm, runs in found.items():
        late = [errors_ms(run, 0.5 * seconds) for run in runs]
        constants = [np.nanmedian(errors_ms(run, 0.5 * seconds)) for run in found[0.0]]
        left = np.abs(np.concatenate([errors - constant for errors, constant in zip(late, constants, strict=True)]))
        known = left[np.isfinite(left)]
        table.add(
            f"{ppm:+g}",
            len(names),
            percent(len(known) / len(left)),
            *(float(np.percentile(known, q)) if len(known) else None for q in (50, 95)),
            percent(float((known <= 20.0).mean())) if len(known) else None,
            _told(runs, 0.5 * seconds),
            _told(runs, seconds - 1.0),
        )
    return [table]


def errors_ms(moments: Sequence[Moment], from_s: float) -> NDArray[np.float64]:
    """Estimate − truth of every window from then on; NaN where there is no estimate."""
    late = [moment.error_ms for moment in moments if moment.end_ns >= from_s * NS_PER_S]
    return np.array([np.nan if error is None else error for error in late], np.float64)


def _told(runs: Sequence[Sequence[Moment]], at_s: float) -> str | None:
    """Median of the published rates at a moment, with their range."""
    told = [next((moment for moment in moments if moment.end_ns >= at_s * NS_PER_S), moments[-1]) for moments in runs]
    rates = [moment.drift_ppm for moment in told if moment.drift_ppm is not None]
    return f"{np.median(rates):+.0f} ({min(rates):+.0f} … {max(rates):+.0f})" if rates else None
