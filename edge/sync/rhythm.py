"""How evenly a stream arrives: too seldom to follow a mouth, or in bursts that windows wait for in vain."""

from __future__ import annotations

from collections import deque

import numpy as np

from edge.clock import NS_PER_MS, NS_PER_S

SPAN_NS = 3 * NS_PER_S
LOOK_EVERY_NS = NS_PER_S // 2
LONG_GAP_NS = 200 * NS_PER_MS
"""The deadline of a window: what comes together after a longer gap was missed by one."""
BURSTS_FROM = 3
HYSTERESIS = 1.05
"""Little: 10 pictures a second, a usual rate, must be enough again after a time of 5."""

SLOW = "so few pictures a second that no mouth can be followed"
BURSTS = "it comes in bursts; windows cannot wait for them"


class Rhythm:
    """Watches the arrivals of the last SPAN_NS. `fault` is None, SLOW or BURSTS."""

    def __init__(self, slow_hz: float | None) -> None:
        """A stream with fewer than `slow_hz` samples a second is slow; None where their number says nothing."""
        self.fault: str | None = None
        self._slow_hz = slow_hz
        self._arrived_ns: deque[int] = deque(maxlen=1024)
        self._next_look_ns = 0

    def reset(self) -> None:
        """The device was opened again."""
        self.fault = None
        self._arrived_ns.clear()

    def step(self, arrived_ns: int) -> None:
        """One sample arrived."""
        self._arrived_ns.append(arrived_ns)
        while self._arrived_ns[0] < arrived_ns - SPAN_NS:
            self._arrived_ns.popleft()
        if arrived_ns >= self._next_look_ns:
            self._next_look_ns = arrived_ns + LOOK_EVERY_NS
            self._look()

    def _look(self) -> None:
        arrived_ns = np.asarray(self._arrived_ns, np.int64)
        span_ns = int(arrived_ns[-1] - arrived_ns[0])
        if span_ns < SPAN_NS // 2:
            return
        gaps_ns = np.diff(arrived_ns)
        mean_ns = span_ns / len(gaps_ns)
        # A crowd comes behind the gap: without one the stream has only become slower.
        bursts = int(((gaps_ns[:-1] > max(LONG_GAP_NS, 3 * mean_ns)) & (gaps_ns[1:] < mean_ns / 2)).sum())
        least_hz = 0.0 if self._slow_hz is None else self._slow_hz * (HYSTERESIS if self.fault == SLOW else 1.0)
        if bursts >= (1 if self.fault == BURSTS else BURSTS_FROM):
            self.fault = BURSTS
        elif NS_PER_S / mean_ns < least_hz:
            self.fault = SLOW
        else:
            self.fault = None
