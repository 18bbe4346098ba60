"""A clock that a test steps by hand, and a source that fails on command."""

from __future__ import annotations

import threading
from collections import deque

from edge.errors import EdgeError


class FakeClock:
    """Time moves only when told to, or when somebody sleeps; `asleep_ns` is how long the machine has slept."""

    def __init__(self, now_ns: int = 1_000_000_000_000) -> None:
        self._now_ns = now_ns
        self.asleep_ns = 5_000_000_000
        self._lock = threading.Lock()

    def now_ns(self) -> int:
        with self._lock:
            return self._now_ns

    def boot_ns(self) -> int:
        return self.now_ns() + self.asleep_ns

    def advance(self, ns: int) -> None:
        with self._lock:
            self._now_ns += ns

    def sleep_until_ns(self, t_ns: int) -> None:
        with self._lock:
            self._now_ns = max(self._now_ns, t_ns)


class ScriptedSource:
    """Plays a script: an exception is raised, anything else (None too) is what `read` returns.

    A list entry `"lost"` in `openings` makes that opening fail; every opening is counted.
    """

    def __init__(self, script, *, live=True, openings=()) -> None:
        self.name = "scripted"
        self.live = live
        self.stamp_kind = "arrival"
        self.there: object = None
        self.overflows = 0
        self.opened = 0
        self.closed = 0
        self.is_open = False
        self.asked_for = False
        self._script = deque(script)
        self._openings = deque(openings)

    def open(self) -> None:
        self.opened += 1
        if self._openings:
            error = self._openings.popleft()
            if error is not None:
                raise EdgeError(error)
        self.is_open = True

    def read(self, timeout_s: float):
        if not self._script:
            return None
        item = self._script.popleft()
        if isinstance(item, Exception):
            raise item
        return item

    def close(self) -> None:
        self.closed += 1
        self.is_open = self.asked_for = False

    def presence(self) -> object:
        self.asked_for = True
        return self.there
