"""How long a GPU that failed is left alone."""

from __future__ import annotations

from edge.clock import NS_PER_S, Clock

FIRST_S = 30.0
MOST_S = 600.0
SETTLED_S = 600.0
"""A GPU that worked for so long has recovered; one that fails sooner goes on where the wait was."""


class Retry:
    """30 s, doubled with each failure up to 10 min. The first attempt is due at once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures = 0
        self._due_ns = clock.now_ns()
        self._works_since_ns: int | None = None

    def failed(self) -> float:
        """The attempt failed, or what worked has failed; gives the seconds until the next one."""
        now_ns = self._clock.now_ns()
        if self._works_since_ns is not None and now_ns - self._works_since_ns >= SETTLED_S * NS_PER_S:
            self._failures = 0
        self._works_since_ns = None
        wait_s = min(MOST_S, FIRST_S * 2.0**self._failures)
        self._failures = min(self._failures + 1, 16)
        self._due_ns = now_ns + round(wait_s * NS_PER_S)
        return wait_s

    def worked(self) -> None:
        """The attempt went well."""
        self._works_since_ns = self._clock.now_ns()

    @property
    def left_s(self) -> float:
        """Seconds until the next attempt is due; 0 when it is."""
        return max(0.0, (self._due_ns - self._clock.now_ns()) / NS_PER_S)
