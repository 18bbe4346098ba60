"""What waits for the broker: bounded in every direction, and whatever is lost is counted."""

from __future__ import annotations

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
        self._due: dict[str, None] = {}
        self._queue: deque[Outgoing] = deque()
        self._newest: Outgoing | None = None
        self._woken = False
        self._changed = threading.Condition()

    def put_retained(self, message: Outgoing) -> None:
        """Replace what is retained on this topic."""
        with self._changed:
            self._retained[message.topic] = message
            self._due.pop(message.topic, None)
            self._due[message.topic] = None
            self._wake()

    def put_queued(self, message: Outgoing) -> None:
        """Queue for delivery in order; the oldest is dropped and counted when too many wait."""
        with self._changed:
            if len(self._queue) == EVENTS:
                self._queue.popleft()
                self.dropped += 1
            self._queue.append(message)
            self._wake()

    def put_newest(self, message: Outgoing) -> None:
        """Replace the one that waits."""
        with self._changed:
            self._newest = message
            self._wake()

    def resend_retained(self) -> None:
        """Everything retained is due again, in the order of the first time."""
        with self._changed:
            self._due = dict.fromkeys(self._retained)
            self._wake()

    def take(self, now_ns: int, qos: frozenset[int]) -> Outgoing | None:
        """The next message of one of these `qos`, None when there is none. A stale newest is dropped."""
        with self._changed:
            for topic in self._due:
                if self._retained[topic].qos in qos:
                    del self._due[topic]
                    return self._retained[topic]
            if self._queue and self._queue[0].qos in qos:
                return self._queue.popleft()
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
