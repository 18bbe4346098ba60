"""What a process holds, four times a second: memory, descriptors, threads."""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

EVERY_S = 0.25
FOR_S = 1.0


@dataclass(frozen=True)
class Holding:
    """At one moment of CLOCK_MONOTONIC."""

    at_s: float
    rss_mb: float
    descriptors: int
    threads: int


def held_mb(values_mb: Sequence[float]) -> float:
    """The most that was never gone below for FOR_S: pictures in flight come and go within less."""
    looks = min(len(values_mb), round(FOR_S / EVERY_S))
    spans = [values_mb[first : first + looks] for first in range(len(values_mb) - looks + 1)]
    return max(map(min, spans)) if looks else math.nan


class Gauge:
    """`with Gauge(pid) as gauge: … gauge.during(from_s, to_s)`."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._read: list[Holding] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Gauge:  # noqa: PYI034 - Self is Python 3.11
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(5)

    def now(self) -> Holding:
        """One look."""
        with self._process.oneshot():
            rss_mb = self._process.memory_info().rss / 2**20
            return Holding(time.monotonic(), rss_mb, self._process.num_fds(), self._process.num_threads())

    def most_mb(self, from_s: float, to_s: float) -> float:
        """The most memory that it had for a whole second of this stretch; nan when nobody looked."""
        return held_mb([one.rss_mb for one in list(self._read) if from_s <= one.at_s <= to_s])

    def _run(self) -> None:
        with contextlib.suppress(psutil.Error):
            while not self._ended.wait(EVERY_S):
                self._read.append(self.now())
