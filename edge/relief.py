"""When a device that delivers, but nothing of use, is opened anew: it may heal."""

from __future__ import annotations

from edge.clock import NS_PER_S, Clock

FIRST_AFTER_S = 5.0
MOST_S = 30.0


class Relief:
    """Five seconds after a fault began, and then at growing distances up to 30 s, until it is over.

    Meanwhile the device is read: it may heal by itself.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wait_s = FIRST_AFTER_S
        self._due_ns: int | None = None

    def over(self) -> None:
        """Nothing is wrong (any more)."""
        self._wait_s, self._due_ns = FIRST_AFTER_S, None

    def due(self) -> bool:
        """Whether to open the device anew now; ask at each sample of a device that is at fault."""
        now_ns = self._clock.now_ns()
        if self._due_ns is not None and now_ns < self._due_ns:
            return False
        first = self._due_ns is None
        self._due_ns = now_ns + round(self._wait_s * NS_PER_S)
        if first:
            return False
        self._wait_s = min(MOST_S, 2 * self._wait_s)
        return True
