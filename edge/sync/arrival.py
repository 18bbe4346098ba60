"""How late a stream's samples come, so that a window closes no earlier than it must and no later than it should."""

from __future__ import annotations

from collections import deque

import numpy as np

from edge.clock import NS_PER_MS, NS_PER_S


class ArrivalDelay:
    """95th percentile, over the last 10 s, of (moment ready for use − moment of capture).

    The value in use, `closing_ms`, changes at most once in `settle_s`, whatever happens: the closing time of windows
    must not wander. It is a guess until a whole span has been measured.
    """

    def __init__(self, initial_ms: float = 60.0, span_s: float = 10.0, settle_s: float = 60.0) -> None:
        self._span_ns = int(span_s * NS_PER_S)
        self._settle_ns = int(settle_s * NS_PER_S)
        self._delays: deque[tuple[int, int]] = deque()
        self._first_ns: int | None = None
        self._changed_ns: int | None = None
        self.closing_ms = initial_ms
        """The delay in use, in ms: it decides when windows close, and is published."""

    def add(self, t_ns: int, ready_ns: int) -> None:
        """One sample captured at `t_ns` was ready at `ready_ns`."""
        if self._first_ns is None:
            self._first_ns = ready_ns
        self._delays.append((ready_ns, ready_ns - t_ns))
        while self._delays[0][0] < ready_ns - self._span_ns:
            self._delays.popleft()
        measured = ready_ns - self._first_ns >= self._span_ns
        if measured and (self._changed_ns is None or ready_ns - self._changed_ns >= self._settle_ns):
            self._changed_ns = ready_ns
            self.closing_ms = self.p95_ms()

    def p95_ms(self) -> float:
        """The percentile as it is right now, in ms, 0 at the least; the value in use while there are no samples."""
        if not self._delays:
            return self.closing_ms
        return max(0.0, float(np.percentile([delay for _, delay in self._delays], 95)) / NS_PER_MS)

    def reset(self) -> None:
        """Measure afresh: the device was opened again. The value in use holds until it may change."""
        self._delays.clear()
        self._first_ns = None
