"""Hysteresis over missed deadlines: how much to ease the work on a machine that has too much to do."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from edge.clock import NS_PER_S

SPAN_NS = 10 * NS_PER_S
MANY = 0.1
LEAST_MISSED = 5
FEW = 0.02
ROOM_FOR_NS = 30 * NS_PER_S
MOST_ROOM_NS = 600 * NS_PER_S
SOON_NS = 120 * NS_PER_S
MOST_LEVEL = 2


@dataclass(frozen=True)
class Ticks:
    """Counted since the start: the ticks there were, and those that were not answered by the judge in time."""

    due: int
    missed: int


class StrainLevel:
    """0, 1 or 2. Step it a few times a second.

    MANY of the ticks of the last SPAN_NS missed (LEAST_MISSED of them at least): one level up, and counted anew. Hardly
    any for a while: one level back. That while is ROOM_FOR_NS, and doubles each time when coming back was soon
    regretted, up to MOST_ROOM_NS: whether there is room again can only be tried.
    """

    def __init__(self) -> None:
        self.level = 0
        self.share = 0.0
        """Of the ticks of the last SPAN_NS, those that missed."""
        self._seen: deque[tuple[int, Ticks]] = deque()
        self._room_ns = ROOM_FOR_NS
        self._calm_since_ns: int | None = None
        self._came_back_ns: int | None = None

    def step(self, now_ns: int, ticks: Ticks) -> int:
        """The level now."""
        self._seen.append((now_ns, ticks))
        while self._seen[0][0] < now_ns - SPAN_NS:
            self._seen.popleft()
        first = self._seen[0][1]
        due, missed = ticks.due - first.due, ticks.missed - first.missed
        self.share = missed / due if due > 0 else 0.0
        if self.share > FEW:
            self._calm_since_ns = None
        elif self._calm_since_ns is None:
            self._calm_since_ns = now_ns
        if missed >= LEAST_MISSED and self.share >= MANY:
            self._ease(now_ns)
        elif self.level and self._calm_since_ns is not None and now_ns - self._calm_since_ns >= self._room_ns:
            self.level -= 1
            self._came_back_ns = self._calm_since_ns = now_ns
        return self.level

    def forget(self) -> None:
        """What was missed so far says nothing about what comes: the machine slept, or the pace is another."""
        self._seen.clear()
        self._calm_since_ns = None

    def _ease(self, now_ns: int) -> None:
        if self.level == MOST_LEVEL:
            return
        regretted = self._came_back_ns is not None and now_ns - self._came_back_ns < max(SOON_NS, self._room_ns)
        self._room_ns = min(MOST_ROOM_NS, 2 * self._room_ns) if regretted else ROOM_FOR_NS
        self.level += 1
        self._came_back_ns = None
        self.forget()
