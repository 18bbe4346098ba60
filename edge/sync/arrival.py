"""How late a stream's samples come, so that a window closes no earlier than it must and no later than it should."""

from __future__ import annotations

from collections import deque

import numpy as np

from edge.clock import NS_PER_MS, NS_PER_S


class ArrivalDelay:
    """95th percentile, over the last 10 s, of (moment ready for use − moment of capture).

    The published value moves at most once in `settle_s` after the first measurement, so that the
    closing time of windows does not wander.
    """

    def __init__(self, initial_ms: float = 60.0, span_s: float = 10.0, settle_s: float = 60.0) -> None:
        self._initial_ms = initial_ms
        self._span_ns = int(span_s * NS_PER_S)
        self._settle_ns = int(settle_s * NS_PER_S)
        self._delays: deque[tuple[int, int]] = deque()
        self._first_ns: int | None = None
        self._decided: tuple[int, float] | None = None

    def add(self, t_ns: int, ready_ns: int) -> None:
        """One sample captured at `t_ns` was ready at `ready_ns`."""
        if self._first_ns is None:
            self._first_ns = ready_ns
        self._delays.append((ready_ns, ready_ns - t_ns))
        while self._delays and self._delays[0][0] < ready_ns - self._span_ns:
            self._delays.popleft()
        if self._due(ready_ns):
            self._decided = (ready_ns, self.p95_ms())

    def _due(self, now_ns: int) -> bool:
        if self._first_ns is None or len(self._delays) < 10:
            return False
        if self._decided is None:
            return now_ns - self._first_ns > NS_PER_S
        # The first seconds are rough (warm-up): look again after one span, then settle.
        early = self._decided[0] - self._first_ns < self._span_ns
        return now_ns - self._decided[0] > (self._span_ns if early else self._settle_ns)

    def p95_ms(self) -> float:
        """The percentile as it is right now, in ms; the initial guess while there are no samples."""
        if not self._delays:
            return self._initial_ms
        return float(np.percentile([delay for _, delay in self._delays], 95)) / NS_PER_MS

    @property
    def closing_ms(self) -> float:
        """The delay that decides when windows close, in ms."""
        return self._initial_ms if self._decided is None else self._decided[1]

    def reset(self) -> None:
        """Forget everything: the device was opened again."""
        self._delays.clear()
        self._first_ns = None
        self._decided = None
