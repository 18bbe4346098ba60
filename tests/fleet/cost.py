"""What a process costs between two moments."""

from __future__ import annotations

import os
import time

import psutil


class Cost:
    """CPU of one process since the last `begin`, in percent of one core, and its memory now."""

    def __init__(self, pid: int | None = None) -> None:
        self._process = psutil.Process(pid or os.getpid())
        self.begin()

    def begin(self) -> None:
        """Count from now on."""
        self._cpu_s, self._at_s = self._spent_s(), time.monotonic()

    @property
    def cpu_percent(self) -> float:
        """Of one core, user and kernel time together."""
        return 100.0 * (self._spent_s() - self._cpu_s) / max(1e-6, time.monotonic() - self._at_s)

    @property
    def rss_mb(self) -> float:
        """Resident memory in MiB."""
        return float(self._process.memory_info().rss / 2**20)

    def _spent_s(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system)
