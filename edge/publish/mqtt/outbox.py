"""What waits for the broker: bounded in every direction, and whatever is lost is counted."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from dataclasses import dataclass

from edge.clock import NS_PER_S

FRESH_NS = 2 * NS_PER_S
EVENTS = 64


@dataclass(frozen=True)
class Outgoing:
    """One MQTT message. `t_ns` is when it was handed in (monotonic); `expiry_s` None means never."""

    topic: str
    payload: str
    qos: int
    retain: bool
    t_ns: int
    expiry_s: int | None = None


class Outbox:
    """Three ways to wait: retained (the last per topic, sent again on every connect), queued (oldest goes first
    when more than `EVENTS` wait), newest (only one, and only while it is fresh).
    """

    def __init__(self) -> None:
        self.dropped = 0
        self._retained: dict[str, Outgoing] = {}
        self._due: dict[str, int] = {}
        self._queue: deque[tuple[int, Outgoing]] = deque()
        self._order = itertools.count(1)
        self._newest: Outgoing | None = None
        self._woken = False
        self._changed = threading.Condition()

    def put_retained(self, message: Outgoing) -> None:
        """Replace what is retained on this topic."""
        with self._changed:
            self._retained[message.topic] = message
            self._due.pop(message.topic, None)
            self._due[message.topic] = next(self._order)
            self._wake()

    def put_queued(self, message: Outgoing) -> None:
        """Queue for delivery in order; the oldest is dropped and counted when too many wait."""
        with self._changed:
            if len(self._queue) == EVENTS:
                self._queue.popleft()
                self.dropped += 1
            self._queue.append((next(self._order), message))
            self._wake()

    def put_newest(self, message: Outgoing) -> None:
        """Replace the one that waits."""
        with self._changed:
            self._newest = message
            self._wake()

    def resend_retained(self) -> None:
        """Everything retained is due again, in the order of the first time."""
        with self._changed:
            self._due = dict.fromkeys(self._retained, 0)
            self._wake()

    def take(self, now_ns: int, qos: frozenset[int]) -> Outgoing | None:
        """The next message of one of these `qos`, None when there is none.

        What must arrive goes first, in the order in which it was put; a newest that is stale is dropped.
        """
        with self._changed:
            topic = next((topic for topic in self._due if self._retained[topic].qos in qos), None)
            if self._queue and self._queue[0][1].qos in qos and (topic is None or self._queue[0][0] < self._due[topic]):
                return self._queue.popleft()[1]
            if topic is not None:
                del self._due[topic]
                return self._retained[topic]
            if self._newest is None or self._newest.qos not in qos:
                return None
            message, self._newest = self._newest, None
            return message if now_ns - message.t_ns <= FRESH_NS else None

    @property
    def empty(self) -> bool:
        """Whether nothing that must arrive (retained or queued) is waiting."""
        with self._changed:
            return not self._due and not self._queue

    def wake(self) -> None:
        """End a `wait`."""
        with self._changed:
            self._wake()

    def wait(self, timeout_s: float) -> None:
        """Return when something was put or `wake` was called since the last wait, or after `timeout_s`."""
        with self._changed:
            if not self._woken:
                self._changed.wait(timeout_s)
            self._woken = False

    def _wake(self) -> None:
        self._woken = True
        self._changed.notify_all()
