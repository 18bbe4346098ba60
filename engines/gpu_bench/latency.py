"""Milliseconds of single calls: contenders take turns within a round, so that what slows one slows all."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from edge.errors import EdgeError
from engines.gpu_bench.contender import Contender
from engines.gpu_bench.contenders import Contenders
from engines.gpu_bench.request import Request
from engines.gpu_bench.watch import Watch
from engines.gpu_bench.workload import Call, Workload


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


def latencies(contenders: Contenders, work: Workload, request: Request, watch: Watch) -> list[Latency]:
    """All rows that are timed. A contender that fails on its way is named as missing and asked no more."""
    found = []
    for row in request.timed:
        for faces in request.faces:
            watch(f"{row}, {faces} faces", 0)
            calls = {one: work.call(one, row, faces) for one in contenders.present}
            with _uncollected():
                taken = _rounds(calls, request, contenders, watch)
            found += [_latency(one, row, faces, rounds) for one, rounds in taken.items()]
    return found


def cells(request: Request) -> int:
    """How often `latencies` tells its watch."""
    return len(request.timed) * len(request.faces) * request.rounds


def ratio(slow: Latency, fast: Latency) -> float:
    """How many times `fast` is as fast: the median over rounds of the ratio within a round."""
    return float(np.median(np.array(slow.rounds_ms) / np.array(fast.rounds_ms)))


def _rounds(
    calls: Mapping[Contender, Call], request: Request, contenders: Contenders, watch: Watch
) -> dict[Contender, list[Any]]:
    """Each one's milliseconds, round by round; who begins changes from round to round."""
    taken: dict[Contender, list[Any]] = {one: [] for one in calls}

    def time_one(one: Contender, count: int) -> None:
        try:
            taken[one].append(_timed(calls[one], count))
        except EdgeError as error:
            contenders.drop(one, str(error))
            del taken[one]

    for one in calls:
        time_one(one, request.warm_up)
    for rounds in taken.values():
        rounds.clear()
    for number in range(request.rounds):
        names = list(taken)
        for step in range(len(names)):
            time_one(names[(number + step) % len(names)], request.calls)
        watch("", 1)
    return taken


def _timed(call: Call, count: int) -> Any:
    """(count,) milliseconds."""
    taken_ns = np.empty(count, np.int64)
    for number in range(count):
        began_ns = time.perf_counter_ns()
        call()
        taken_ns[number] = time.perf_counter_ns() - began_ns
    return taken_ns / 1e6


@contextmanager
def _uncollected() -> Iterator[None]:
    """Python's collector waits meanwhile: with torch loaded it takes a tenth of a second."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


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
