"""When a window closes: at once when every stream has come as far as it needs, and else when its time is over."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from edge.clock import NS_PER_MS, NS_PER_S, Clock

SLACK_MS = 10.0
DEADLINE_MS = 200.0


@dataclass(frozen=True)
class Need:
    """A stream that a window waits for.

    Once it has reached the stamp `until_ns`, nothing of what the window reads of it will come any more.
    `delay_ms` is how late its samples usually are.
    """

    stream: str
    until_ns: int
    delay_ms: float


def closes_ns(end_ns: int, needs: Sequence[Need], reached_ns: Mapping[str, int]) -> int:
    """When the window that ends at T = `end_ns` closes, as far as can be told now.

    T itself when nothing is missing (or expected); else T + the largest delay of those that are missing + SLACK_MS,
    never after T + DEADLINE_MS.
    """
    missing = [need for need in needs if reached_ns.get(need.stream, need.until_ns - 1) < need.until_ns]
    if not missing:
        return end_ns
    wait_ms = min(max(0.0, *(need.delay_ms for need in missing)) + SLACK_MS, DEADLINE_MS)
    return end_ns + round(wait_ms * NS_PER_MS)


class Closing:
    """How far each stream has come. The streams' stages say so (`reached`); one other stage waits (`wait`)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._reached_ns: dict[str, int] = {}
        self._changed = threading.Condition()

    def reached(self, stream: str, t_ns: int) -> None:
        """Nothing older than `t_ns` will come of `stream`. May go back: its time stamps began anew."""
        with self._changed:
            self._reached_ns[stream] = t_ns
            self._changed.notify_all()

    def wait(self, end_ns: int, needs: Callable[[], Sequence[Need]], latest_ns: int) -> None:
        """Return when the window that ends at `end_ns` closes, at `latest_ns` at the latest.

        `needs` is asked again after each arrival: a stream that goes down meanwhile is waited for no longer.
        """
        with self._changed:
            while True:
                until_ns = min(closes_ns(end_ns, needs(), self._reached_ns), latest_ns)
                left_ns = until_ns - self._clock.now_ns()
                if left_ns <= 0:
                    return
                self._changed.wait(left_ns / NS_PER_S)
