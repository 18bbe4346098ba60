"""Time: CLOCK_MONOTONIC nanoseconds decide, wall-clock time only decorates payloads."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import Protocol

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000


class Clock(Protocol):
    """What the pipeline needs of time, so that a test can step it by hand."""

    def now_ns(self) -> int:
        """Monotonic nanoseconds."""
        ...

    def boot_ns(self) -> int:
        """Like `now_ns`, from another origin, but it goes on while the machine sleeps."""
        ...

    def sleep_until_ns(self, t_ns: int) -> None:
        """Return at `t_ns` or a little later."""
        ...


class MonotonicClock:
    """The machine's own CLOCK_MONOTONIC."""

    def now_ns(self) -> int:
        """Monotonic nanoseconds."""
        return time.monotonic_ns()

    def boot_ns(self) -> int:
        """CLOCK_BOOTTIME."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME)

    def sleep_until_ns(self, t_ns: int) -> None:
        """Sleep until `t_ns`; return at once when it has passed."""
        left_ns = t_ns - time.monotonic_ns()
        if left_ns > 0:
            time.sleep(left_ns / NS_PER_S)


def wall_time(t_ns: int) -> datetime:
    """The UTC wall-clock time that belongs to the monotonic stamp `t_ns`, by today's offset."""
    offset_ns = time.time_ns() - time.monotonic_ns()
    return datetime.fromtimestamp((t_ns + offset_ns) / NS_PER_S, tz=timezone.utc)


def iso_time(t_ns: int) -> str:
    """`wall_time` as RFC 3339 with milliseconds, like 2026-11-22T05:12:00.123Z."""
    return wall_time(t_ns).isoformat(timespec="milliseconds").replace("+00:00", "Z")
