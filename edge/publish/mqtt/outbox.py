"""What waits for the broker: bounded in every direction, and whatever is lost is counted."""

from __future__ import annotations

import itertools
import threading
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass

from edge.clock import NS_PER_S
from edge.publish.payload import encode
from edge.publish.sink import Message

FRESH_NS = 3 * NS_PER_S // 2  # of the two seconds that a result lives; the rest is for making it and for its way
EVENTS = 64


@dataclass(frozen=True)
class Outgoing:
    """One MQTT message. `t_ns` is when it was handed in (monotonic); `expiry_s` None means never.

    `content` is a text, or what becomes JSON when it leaves: that takes longer than a stage should be held up.
    """

    topic: str
    content: str | Message
    qos: int
    retain: bool
    t_ns: int
    expiry_s: int | None = None

    @property
    def payload(self) -> str:
        """What goes over the line."""
        return self.content if isinstance(self.content, str) else encode(self.content)


class Outbox:
    """Three ways to wait: retained (the last per topic, sent again on every connect), queued (the oldest is dropped
    when more than `EVENTS` wait), newest (only the last per topic, and only while it is fresh).

    A retained message that a newer one replaces before it was sent is no loss: its topic tells what is true now.
    """

    def __init__(self) -> None:
        self.replaced = 0
        self._dropped: Counter[str] = Counter()
        self._retained: dict[str, Outgoing] = {}
        self._due: dict[str, int] = {}
        self._queue: deque[tuple[int, Outgoing]] = deque()
        self._order = itertools.count(1)
        self._newest: dict[str, Outgoing] = {}
        self._woken = False
        self._changed = threading.Condition()

    @property
    def dropped(self) -> dict[str, int]:
        """How many messages were lost, by topic."""
        with self._changed:
            return dict(self._dropped)

    def put_retained(self, message: Outgoing) -> None:
        """Replace what is retained on this topic."""
        with self._changed:
            self._retained[message.topic] = message
            self.replaced += self._due.pop(message.topic, None) is not None
            self._due[message.topic] = next(self._order)
            self._wake()

    def put_queued(self, message: Outgoing) -> None:
        """Queue for delivery in order; the oldest is dropped and counted when too many wait."""
        with self._changed:
            self._queue.append((next(self._order), message))
            self._shorten()
            self._wake()

    def put_newest(self, message: Outgoing) -> None:
        """Replace the one that waits on this topic, which is dropped and counted."""
        with self._changed:
            if message.topic in self._newest:
                self._dropped[message.topic] += 1
            self._newest[message.topic] = message
            self._wake()

    def put_again(self, messages: Iterable[Outgoing]) -> None:
        """Queue before all others what was taken and got no receipt, in the order in which it was taken."""
        with self._changed:
            self._queue.extendleft((0, message) for message in reversed(list(messages)))
            self._shorten()
            self._wake()

    def resend_retained(self) -> None:
        """Everything retained is due again, in the order of the first time; what still waits keeps its place."""
        with self._changed:
            sent = {topic: 0 for topic in self._retained if topic not in self._due}
            self._due = {**sent, **self._due}
            self._wake()

    def take(self, now_ns: int, qos: frozenset[int]) -> Outgoing | None:
        """The next message of one of these `qos`, None when there is none.

        What must arrive goes first, in the order in which it was put; a newest that is stale is dropped and counted.
        """
        with self._changed:
            topic = next((topic for topic in self._due if self._retained[topic].qos in qos), None)
            if self._queue and self._queue[0][1].qos in qos and (topic is None or self._queue[0][0] < self._due[topic]):
                return self._queue.popleft()[1]
            if topic is not None:
                del self._due[topic]
                return self._retained[topic]
            for topic in [topic for topic, message in self._newest.items() if message.qos in qos]:
                message = self._newest.pop(topic)
                if now_ns - message.t_ns <= FRESH_NS:
                    return message
                self._dropped[topic] += 1
            return None

    def lose(self, message: Outgoing) -> None:
        """Count a message that was taken and can never be sent."""
        with self._changed:
            self._dropped[message.topic] += 1

    def last_put_ns(self, qos: int) -> int | None:
        """When the last message of this `qos` that waits was handed in, None when none waits."""
        with self._changed:
            waiting = [self._retained[topic] for topic in self._due]
            waiting += [message for _, message in self._queue]
            return max((one.t_ns for one in (*waiting, *self._newest.values()) if one.qos == qos), default=None)

    @property
    def waiting(self) -> int:
        """How many messages wait that must arrive (retained or queued)."""
        with self._changed:
            return len(self._due) + len(self._queue)

    def wake(self) -> None:
        """End a `wait`."""
        with self._changed:
            self._wake()

    def wait(self, timeout_s: float) -> bool:
        """Return True when something was put or `wake` was called since the last wait, False after `timeout_s`."""
        with self._changed:
            if not self._woken:
                self._changed.wait(timeout_s)
            woken, self._woken = self._woken, False
            return woken

    def _shorten(self) -> None:
        while len(self._queue) > EVENTS:
            self._dropped[self._queue.popleft()[1].topic] += 1

    def _wake(self) -> None:
        self._woken = True
        self._changed.notify_all()
