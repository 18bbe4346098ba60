"""Milliseconds of single calls: contenders take turns within a round, so that what slows one slows all."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engines.gpu_bench.contender import Contender
from engines.gpu_bench.request import Request
from engines.gpu_bench.workload import Call, Workload

Watch = Callable[[str], None]


@dataclass(frozen=True)
class Latency:
    """Of one contender in one row with `faces`; each figure is the median over rounds of the round's own."""

    contender: str
    precision: str
    row: str
    faces: int
    p50_ms: float
    p99_ms: float
    per_s: float
    """Crops, windows or ticks a second, one call after the other."""
    rounds_ms: tuple[float, ...]
    """Each round's median."""


def latencies(contenders: Sequence[Contender], work: Workload, request: Request, watch: Watch) -> list[Latency]:
    """All rows that are timed. `watch` is told what is under way: once per round, row and face count."""
    found = []
    for row in request.timed:
        for faces in request.faces:
            calls = [work.call(contender, row, faces) for contender in contenders]
            for call in calls:
                _timed(call, request.warm_up)
            rounds = _rounds(calls, request, lambda row=row, faces=faces: watch(f"{row}, {faces} faces"))
            found += [_latency(one, row, faces, own) for one, own in zip(contenders, rounds, strict=True)]
    return found


def cells(request: Request) -> int:
    """How often `latencies` tells its watch."""
    return len(request.timed) * len(request.faces) * request.rounds


def ratio(slow: Latency, fast: Latency) -> float:
    """How many times `fast` is as fast: the median over rounds of the ratio within a round."""
    return float(np.median(np.array(slow.rounds_ms) / np.array(fast.rounds_ms)))


def _rounds(calls: Sequence[Call], request: Request, watch: Callable[[], None]) -> list[list[Any]]:
    """Each call's milliseconds, round by round; who begins changes from round to round."""
    taken: list[list[Any]] = [[] for _ in calls]
    for number in range(request.rounds):
        for step in range(len(calls)):
            place = (number + step) % len(calls)
            taken[place].append(_timed(calls[place], request.calls))
        watch()
    return taken


def _timed(call: Call, count: int) -> Any:
    """(count,) milliseconds; Python's collector waits meanwhile."""
    taken_ns = np.empty(count, np.int64)
    gc.collect()
    gc.disable()
    try:
        for number in range(count):
            began_ns = time.perf_counter_ns()
            call()
            taken_ns[number] = time.perf_counter_ns() - began_ns
    finally:
        gc.enable()
    return taken_ns / 1e6


def _latency(contender: Contender, row: str, faces: int, rounds: Sequence[Any]) -> Latency:
    p50s = [float(np.median(one)) for one in rounds]
    return Latency(
        contender=contender.name,
        precision=contender.precision,
        row=row,
        faces=faces,
        p50_ms=float(np.median(p50s)),
        p99_ms=float(np.median([np.percentile(one, 99) for one in rounds])),
        per_s=float(np.median([1000 / one.mean() for one in rounds])) * (faces if row == "face" else 1),
        rounds_ms=tuple(p50s),
    )
