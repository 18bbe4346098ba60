"""What a process holds, once a second."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import psutil

EVERY_S = 1.0


@dataclass(frozen=True)
class Sample:
    """`at_s` is CLOCK_MONOTONIC; `cpu_s` is the processor time since the process began."""

    at_s: float
    rss_mb: float
    descriptors: int
    threads: int
    cpu_s: float


class Sampler:
    """`with Sampler(pid) as sampler:` `samples` grows until the end of the block, or of the process."""

    def __init__(self, pid: int) -> None:
        self.samples: list[Sample] = []
        self._process = psutil.Process(pid)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)

    def __enter__(self) -> Sampler:  # noqa: PYI034 - Self is Python 3.11
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.samples.append(self._look())
            except psutil.NoSuchProcess:
                return
            self._stop.wait(EVERY_S)

    def _look(self) -> Sample:
        with self._process.oneshot():
            times = self._process.cpu_times()
            rss_mb = round(self._process.memory_info().rss / 2**20, 2)
            threads, descriptors = self._process.num_threads(), self._process.num_fds()
        return Sample(time.monotonic(), rss_mb, descriptors, threads, round(times.user + times.system, 2))
