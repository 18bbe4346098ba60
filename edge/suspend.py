"""Finds out that time went by without this process: the machine slept, or the process was stopped."""

from __future__ import annotations

from collections.abc import Iterable

from edge.clock import NS_PER_S, Clock

SLEPT_NS = NS_PER_S
STOPPED_NS = 2 * NS_PER_S
EXCUSED_NS = 2 * NS_PER_S
_NEAR_NS = NS_PER_S // 2


class SuspendWatch:
    """`step` is for the main loop, which looks several times a second."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._looked_ns = clock.now_ns()
        self._asleep_ns = clock.boot_ns() - self._looked_ns

    def step(self, beats_ns: Iterable[int] = ()) -> str | None:
        """What happened since the last step, as a sentence; None for nothing.

        `beats_ns`: when each thread last gave a sign of life. Where one did in between, this process has run, and only
        whoever calls was held up.
        """
        before_ns, self._looked_ns = self._looked_ns, self._clock.now_ns()
        asleep_ns = self._clock.boot_ns() - self._looked_ns
        slept_ns, self._asleep_ns = asleep_ns - self._asleep_ns, asleep_ns
        if slept_ns > SLEPT_NS:
            return f"the machine has slept for {slept_ns / NS_PER_S:.0f} s"
        gap_ns = self._looked_ns - before_ns
        ran = any(before_ns + _NEAR_NS < beat_ns < self._looked_ns - _NEAR_NS for beat_ns in beats_ns)
        if gap_ns > STOPPED_NS and not ran:
            return f"this process was stopped for {gap_ns / NS_PER_S:.0f} s"
        return None


class Lapse:
    """The same for one thread that looks several times a second, and must know before the main loop has told it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._looked_ns = clock.boot_ns()
        self._over_ns: int | None = None

    def begin(self) -> None:
        """Count from now on: there was a reason for not looking."""
        self._looked_ns = self._clock.boot_ns()

    def look(self) -> bool:
        """Whether more than STOPPED_NS went by since the last look."""
        before_ns, self._looked_ns = self._looked_ns, self._clock.boot_ns()
        if self._looked_ns - before_ns <= STOPPED_NS:
            return False
        self._over_ns = self._looked_ns
        return True

    @property
    def recent(self) -> bool:
        """Whether the last lapse ended less than EXCUSED_NS ago."""
        return self._over_ns is not None and self._clock.boot_ns() - self._over_ns < EXCUSED_NS
