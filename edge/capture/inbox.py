"""The hand-over from a device's own thread to whoever reads the source."""

from __future__ import annotations

import threading
from collections import deque
from typing import Generic, TypeVar

from edge.errors import EdgeError

T = TypeVar("T")


class Inbox(Generic[T]):
    """A bounded queue that never blocks the device: when full, the oldest item goes and `overflows` counts it."""

    def __init__(self, capacity: int) -> None:
        self.overflows = 0
        self._items: deque[T] = deque(maxlen=capacity)
        self._error: EdgeError | None = None
        self._ready = threading.Condition()

    def put(self, item: T) -> None:
        """Append `item`."""
        with self._ready:
            if len(self._items) == self._items.maxlen:
                self.overflows += 1
            self._items.append(item)
            self._ready.notify()

    def fail(self, error: EdgeError) -> None:
        """Say why no more will come; `take` raises it once the queue is empty."""
        with self._ready:
            self._error = self._error or error
            self._ready.notify_all()

    def take(self, timeout_s: float) -> T | None:
        """The oldest item, or None when none comes in time."""
        with self._ready:
            if not self._items and self._error is None and timeout_s > 0:
                self._ready.wait(timeout_s)
            if self._items:
                return self._items.popleft()
            if self._error is not None:
                raise self._error
            return None
