"""How long a lost device is left alone, and what ends the wait early."""

from __future__ import annotations

from collections.abc import Callable

from edge.clock import NS_PER_S, Clock

LEAST_S = 0.5
MOST_S = 30.0
SETTLED_S = 10.0
"""A device that delivered for so long has come back; one that fails sooner goes on where the wait was."""
MOST_EARLY = 5
"""A device that comes anew at every attempt, by itself, is tried early so many times between two long waits."""
ENOUGH = 5
"""Samples. A device that is lost again after fewer only seemed to be back: its presence says nothing."""


class BackOff:
    """Half a second, doubled with each failure up to 30 s; over at once when `presence` gives something new.

    `presence` is cheap and says what is there now, in whatever form: a new device node, an address that answers again.
    """

    def __init__(self, clock: Clock, presence: Callable[[], object]) -> None:
        self._clock = clock
        self._presence = presence
        self._failures = 0
        self._until_ns = 0
        self._seen: object = None
        self._before: tuple[object] | None = None
        self._works_since_ns: int | None = None
        self._samples: int | None = None
        self._believes = True
        self._early = 0

    def failed(self) -> None:
        """The device was lost, or could not be opened: wait from now on."""
        wait_s = min(MOST_S, LEAST_S * 2.0**self._failures)
        self._failures = min(self._failures + 1, 16)
        # One that cannot even be opened is really away: then it counts what is there.
        self._believes = self._samples is None or self._samples >= ENOUGH
        self._samples = None
        self._until_ns = self._clock.now_ns() + round(wait_s * NS_PER_S)
        # As it was before the attempt: what came while it lasted is news.
        self._seen = self._presence() if self._before is None else self._before[0]
        self._before = self._works_since_ns = None

    def opened(self) -> None:
        """The attempt went well."""
        self._before = None
        self._samples = 0

    def worked(self) -> None:
        """A good sample came."""
        now_ns = self._clock.now_ns()
        self._samples = (self._samples or 0) + 1
        if self._samples >= ENOUGH:
            self._early = 0
        if self._works_since_ns is None:
            self._works_since_ns = now_ns
        elif now_ns - self._works_since_ns >= SETTLED_S * NS_PER_S:
            self._failures = 0

    def over(self) -> bool:
        """Whether it is time to try (again); who is told so is taken to try."""
        present = self._presence()
        early = self._clock.now_ns() < self._until_ns
        if early and (present == self._seen or not self._believes or self._early == MOST_EARLY):
            return False
        self._before = (present,)
        if early:
            # Another device than the one that failed, or the same one plugged in: it may need some tries to settle.
            self._early += 1
            self._failures = self._until_ns = 0
        elif LEAST_S * 2.0 ** (self._failures - 1) > MOST_S:
            self._early = 0
        return True

    def forget(self) -> None:
        """Try at once, as if nothing had failed: somebody wishes it."""
        self._failures = self._until_ns = 0
