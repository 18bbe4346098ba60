"""A limit on how often something may happen."""

from __future__ import annotations

from edge.clock import NS_PER_S, Clock


class TokenBucket:
    """Lets at most `per_second` things happen in any second: half of them at once, and half as they come."""

    def __init__(self, per_second: int, clock: Clock) -> None:
        self._clock = clock
        self._rate = self._capacity = per_second / 2
        self._tokens = self._capacity
        self._filled_ns = clock.now_ns()

    def take(self) -> bool:
        """Whether one more may happen now; then it counts."""
        self._fill()
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True

    def wait_s(self) -> float:
        """Seconds until `take` allows one."""
        self._fill()
        return max(0.0, (1.0 - self._tokens) / self._rate)

    def _fill(self) -> None:
        now_ns = self._clock.now_ns()
        gained = (now_ns - self._filled_ns) / NS_PER_S * self._rate
        self._tokens, self._filled_ns = min(self._capacity, self._tokens + gained), now_ns
