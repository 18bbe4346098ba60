"""Finds out that time went by without this process: the machine slept, or the process was stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from edge.clock import NS_PER_S, Clock

SLEPT_NS = NS_PER_S
STOPPED_NS = 2 * NS_PER_S
_NEAR_NS = NS_PER_S // 2


def boottime_ns() -> int:
    """CLOCK_BOOTTIME: like CLOCK_MONOTONIC, but it goes on while the machine sleeps."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


class SuspendWatch:
    """`step` is for the main loop, which looks several times a second."""

    def __init__(self, clock: Clock, boot_ns: Callable[[], int] = boottime_ns) -> None:
        self._clock = clock
        self._boot_ns = boot_ns
        self._looked_ns = clock.now_ns()
        self._asleep_ns = boot_ns() - self._looked_ns

    def step(self, beats_ns: Iterable[int] = ()) -> str | None:
        """What happened since the last step, as a sentence; None for nothing.

        `beats_ns`: when each thread last gave a sign of life. Where one did in between, this process has run, and only
        whoever calls was held up.
        """
        before_ns, self._looked_ns = self._looked_ns, self._clock.now_ns()
        asleep_ns = self._boot_ns() - self._looked_ns
        slept_ns, self._asleep_ns = asleep_ns - self._asleep_ns, asleep_ns
        if slept_ns > SLEPT_NS:
            return f"the machine has slept for {slept_ns / NS_PER_S:.0f} s"
        gap_ns = self._looked_ns - before_ns
        ran = any(before_ns + _NEAR_NS < beat_ns < self._looked_ns - _NEAR_NS for beat_ns in beats_ns)
        if gap_ns > STOPPED_NS and not ran:
            return f"this process was stopped for {gap_ns / NS_PER_S:.0f} s"
        return None
