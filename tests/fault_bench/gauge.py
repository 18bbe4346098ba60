"""What a process holds, four times a second: memory, descriptors, threads."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass

import psutil

EVERY_S = 0.25


@dataclass(frozen=True)
class Holding:
    """At one moment of CLOCK_MONOTONIC."""

    at_s: float
    rss_mb: float
    descriptors: int
    threads: int


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
        """The most memory it had in this stretch; nan when nobody looked."""
        return max((one.rss_mb for one in list(self._read) if from_s <= one.at_s <= to_s), default=float("nan"))

    def _run(self) -> None:
        with contextlib.suppress(psutil.Error):
            while not self._ended.wait(EVERY_S):
                self._read.append(self.now())
