"""When windows end: a tick every 200 ms of CLOCK_MONOTONIC, none of them early, late ones skipped and counted."""

from __future__ import annotations

from edge.clock import NS_PER_MS

TICK_NS = 200 * NS_PER_MS
SLOW_LEVEL = 2
MOST_BEHIND = 3
"""A starved process that comes back within so many periods answers each of them late: that takes no time."""


def period_ns(level: int) -> int:
    """From tick to tick at this level of the pace."""
    return TICK_NS if level < SLOW_LEVEL else 2 * TICK_NS


class Ticker:
    """Hands out tick numbers and their T. Ticks that are more than MOST_BEHIND periods behind are given up.

    `period_ns` may be changed at any time, from any thread: it holds from the next tick on, and numbers go on by one.
    """

    def __init__(self, start_ns: int) -> None:
        self.period_ns = TICK_NS
        self.tick = 0
        self.missed = 0
        self.end_ns = start_ns + TICK_NS
        """T of the current tick."""

    def advance(self, now_ns: int) -> None:
        """Go to the next tick, leaving out those whose successor is already due."""
        step_ns = self.period_ns
        self.tick += 1
        self.end_ns += step_ns
        behind = (now_ns - self.end_ns) // step_ns
        if behind > MOST_BEHIND:
            self.missed += int(behind)
            self.tick += int(behind)
            self.end_ns += int(behind) * step_ns
