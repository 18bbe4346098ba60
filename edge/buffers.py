"""Bounded hand-over between threads: nothing here blocks a producer, and everything lost is counted."""

from __future__ import annotations

import threading
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class DoubleBuffer(Generic[T]):
    """Two halves of `capacity` items: the producer fills one while the consumer owns the other.

    `put` never blocks; a full half loses its oldest item, which is counted in `dropped`.
    `swap` hands the filled half to the consumer and gives the producer an empty one.
    """

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"capacity must be at least 1, not {capacity}")
        self.capacity = capacity
        self.dropped = 0
        self.received = 0
        self._filling: deque[T] = deque(maxlen=capacity)
        self._spare: deque[T] = deque(maxlen=capacity)
        self._in_work = False
        self._ready = threading.Condition()
        self._closed = False

    def put(self, item: T) -> None:
        """Append `item`, dropping the oldest one when the half is full."""
        with self._ready:
            if len(self._filling) == self.capacity:
                self.dropped += 1
            self._filling.append(item)
            self.received += 1
            self._ready.notify()

    def swap(self, timeout_s: float = 0.0) -> list[T]:
        """All items since the last swap, oldest first; waits up to `timeout_s` for the first one."""
        with self._ready:
            self._in_work = False
            if not self._filling and timeout_s > 0 and not self._closed:
                self._ready.wait(timeout_s)
            filled, self._filling = self._filling, self._spare
            self._in_work = bool(filled)
        items = list(filled)
        filled.clear()
        self._spare = filled
        return items

    @property
    def drained(self) -> bool:
        """Whether nothing waits, and the consumer has come back from the items that it took last."""
        with self._ready:
            return not self._filling and not self._in_work

    def close(self) -> None:
        """Wake a waiting consumer for good: there will be no more items."""
        with self._ready:
            self._closed = True
            self._ready.notify_all()


class Newest(Generic[T]):
    """One place that holds the newest item only; what was overwritten unseen is counted in `skipped`."""

    def __init__(self) -> None:
        self.skipped = 0
        self._item: T | None = None
        self._ready = threading.Condition()
        self._closed = False

    def put(self, item: T) -> None:
        """Replace the waiting item."""
        with self._ready:
            if self._item is not None:
                self.skipped += 1
            self._item = item
            self._ready.notify()

    def take(self, timeout_s: float) -> T | None:
        """The newest item, or None when none comes in time."""
        with self._ready:
            if self._item is None and not self._closed:
                self._ready.wait(timeout_s)
            item, self._item = self._item, None
            return item

    def close(self) -> None:
        """Wake a waiting consumer for good."""
        with self._ready:
            self._closed = True
            self._ready.notify_all()
