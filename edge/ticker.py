"""When windows end: a tick every 200 ms of CLOCK_MONOTONIC, none of them early, late ones skipped and counted."""

from __future__ import annotations

from edge.clock import NS_PER_MS

TICK_NS = 200 * NS_PER_MS


class Ticker:
    """Hands out tick numbers and their T. A tick that is more than one period behind is given up."""

    def __init__(self, start_ns: int) -> None:
        self._start_ns = start_ns
        self.tick = 0
        self.missed = 0

    @property
    def end_ns(self) -> int:
        """T of the current tick."""
        return self._start_ns + (self.tick + 1) * TICK_NS

    def advance(self, now_ns: int) -> None:
        """Go to the next tick, leaving out those whose successor is already due."""
        self.tick += 1
        behind = (now_ns - self.end_ns) // TICK_NS
        # A window closes up to 210 ms after T: being one tick behind is ordinary.
        if behind > 1:
            self.missed += int(behind)
            self.tick += int(behind)
