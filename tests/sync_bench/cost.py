"""What sync costs, and how far DTW moves sound that is in step or belongs to nobody in the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np

from edge.clock import NS_PER_S
from engines.progress import progress
from tests.sync_bench.duo import Pair, two_faces
from tests.sync_bench.stream import Stream
from tests.sync_bench.studio import FOREIGN, Studio
from tests.sync_bench.switches import timed_dtw
from tests.sync_bench.table import Table
from tests.sync_bench.walk import Spent, Tick, Walk

RUN_S = 60.0
QUICK_S = 20.0


def cost_tables(studio: Studio, *, quick: bool) -> list[Table]:
    """CPU per second of live input with one face and with two, and DTW's calls."""
    names = list(studio.people)[:: 4 if quick else 1]
    seconds = QUICK_S if quick else RUN_S
    table = Table(
        "cost",
        "CPU of edge.sync",
        (
            "faces",
            "% of a core",
            "windows ms/s",
            "of them DTW ms/s",
            "estimator ms/s",
            "taking in ms/s",
            "DTW p50 ms",
            "DTW p99 ms",
            "DTW calls",
        ),
        "ms of this thread's CPU per second of live input: five windows and one estimate",
    )
    alone = [studio.stream(name) for name in names]
    _add(table, 1, alone, seconds)
    following = dict(zip(names, [*names[1:], names[0]], strict=True))
    both = [two_faces(studio, Pair(name, following[name], True, False), seconds) for name in names]
    _add(table, 2, both, seconds)
    return [table]


def _add(table: Table, faces: int, streams: Sequence[Stream], seconds: float) -> None:
    spent, calls = Spent(), []
    with timed_dtw() as of_dtw:
        for stream in progress(streams, f"CPU with {faces} faces"):
            walk = Walk(stream)
            for _ in walk.ticks(lambda tick: tick.end_ns >= seconds * NS_PER_S):
                pass
            for part in fields(Spent):
                setattr(spent, part.name, getattr(spent, part.name) + getattr(walk.spent, part.name))
        calls = list(of_dtw)
    per_s = {name: 1000.0 * value / spent.live_s for name, value in vars(spent).items()}
    table.add(
        faces,
        (per_s["windows"] + per_s["estimator"] + per_s["taking_in"]) / 10.0,
        per_s["windows"],
        sum(calls) / spent.live_s,
        per_s["estimator"],
        per_s["taking_in"],
        _two(np.percentile(calls, 50)) if calls else None,
        _two(np.percentile(calls, 99)) if calls else None,
        len(calls),
    )


def step_tables(studio: Studio, *, quick: bool) -> list[Table]:
    """How far windows are moved by DTW where nothing should be."""
    table = Table(
        "in_step",
        "What DTW moves in step, and with a voice from off-screen",
        ("sound", "windows with speech", "moved by DTW %", "p50 ms", "p95 ms", "max ms", "moved > 10 ms %"),
        "p50 … max: |dtw_shift_ms| over all windows with speech, 0 where nothing is moved",
    )
    names = list(studio.people)[:: 3 if quick else 1]
    seconds = QUICK_S if quick else RUN_S
    _moved(table, "its own, in step", [studio.stream(name) for name in names], seconds)
    _moved(table, "from off-screen", [studio.stream(name, FOREIGN) for name in names], seconds)
    return [table]


def _moved(table: Table, words: str, streams: Sequence[Stream], seconds: float) -> None:
    ticks: list[Tick] = []
    for stream in progress(streams, words):
        ticks += [tick for tick in Walk(stream).ticks(lambda tick: tick.end_ns >= seconds * NS_PER_S) if _voiced(tick)]
    shifts = np.abs([tick.window.sync.dtw_shift_ms for tick in ticks])
    warped = np.array([tick.window.sync.method == "dtw" for tick in ticks])
    table.add(
        words,
        len(ticks),
        float(100 * warped.mean()),
        *(float(np.percentile(shifts, percentile)) for percentile in (50, 95, 100)),
        float(100 * (shifts > 10.0).mean()),
    )


def _voiced(tick: Tick) -> bool:
    return tick.window.voice >= 0.2


def _two(value: float) -> str:
    return f"{value:.2f}"
