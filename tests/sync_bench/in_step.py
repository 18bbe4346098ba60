"""How far DTW moves sound that is in step, or that belongs to nobody in the picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from edge.clock import NS_PER_S
from engines.progress import progress
from tests.sync_bench.stream import Stream
from tests.sync_bench.studio import FOREIGN, Studio
from tests.sync_bench.table import Table
from tests.sync_bench.walk import Tick, Walk

RUN_S, QUICK_S = 60.0, 20.0
SPOKEN = 0.2
"""Least share of a window's second with speech."""


def step_tables(studio: Studio, *, quick: bool) -> list[Table]:
    """How far windows are moved by DTW where nothing should be."""
    table = Table(
        "step",
        "What DTW moves in step, and with a voice from off-screen",
        ("sound", "windows with speech", "moved by DTW %", "p50 ms", "p95 ms", "max ms", "moved > 10 ms %"),
        "p50 … max: |dtw_shift_ms| over all windows with speech, 0 where nothing is moved",
    )
    names = list(studio.people)
    seconds = QUICK_S if quick else RUN_S
    _moved(table, "its own, in step", [studio.stream(name) for name in names], seconds)
    _moved(table, "from off-screen", [studio.stream(name, FOREIGN) for name in names], seconds)
    return [table]


def _moved(table: Table, words: str, streams: Sequence[Stream], seconds: float) -> None:
    ticks: list[Tick] = []
    for stream in progress(streams, words):
        ticks += [
            tick
            for tick in Walk(stream).ticks(lambda tick: tick.end_ns >= seconds * NS_PER_S)
            if tick.window.voice >= SPOKEN
        ]
    shifts = np.abs([tick.window.sync.dtw_shift_ms for tick in ticks])
    warped = np.array([tick.window.sync.method == "dtw" for tick in ticks])
    table.add(
        words,
        len(ticks),
        float(100 * warped.mean()),
        *(float(np.percentile(shifts, percentile)) for percentile in (50, 95, 100)),
        float(100 * (shifts > 10.0).mean()),
    )
