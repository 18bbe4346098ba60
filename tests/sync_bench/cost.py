"""What sync costs per second of live input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np

from edge.clock import NS_PER_S
from engines.progress import progress
from tests.sync_bench.duo import Pair, two_faces
from tests.sync_bench.stream import Stream
from tests.sync_bench.studio import Studio
from tests.sync_bench.switches import timed_dtw
from tests.sync_bench.table import Table, hundredths
from tests.sync_bench.walk import Spent, Walk

RUN_S = 60.0
QUICK_S = 20.0


def cost_tables(studio: Studio, *, quick: bool) -> list[Table]:
    """CPU per second of live input with one face and with two, and DTW's calls."""
    names = list(studio.people)
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
        hundredths(np.percentile(calls, 50)) if calls else None,
        hundredths(np.percentile(calls, 99)) if calls else None,
        len(calls),
    )
