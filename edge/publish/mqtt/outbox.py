"""What waits for the broker: bounded in every direction, and whatever is lost is counted."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from edge.clock import NS_PER_S
from edge.publish.payload import Message, encode

FRESH_NS = 3 * NS_PER_S // 2  # of the two seconds that a result lives; the rest is for making it and for its way
EVENTS = 64


@dataclass(frozen=True)
class Outgoing:
    """One MQTT message. `t_ns` is when it was handed in (monotonic); `expiry_s` None means never.

    `content` is a text, or what becomes JSON when it leaves, since that takes longer than a stage should be held up; a
    function is asked for it only then.
    """

    topic: str
    content: str | Message | Callable[[], Message]
    qos: int
    retain: bool
    t_ns: int
    expiry_s: int | None = None

    @property
    def payload(self) -> str:
        """What goes over the line."""
        content = self.content() if callable(self.content) else self.content
        return content if isinstance(content, str) else encode(content)


class Outbox:
    """Three ways to wait: retained (the last per topic, sent again on every connect), queued (the oldest is dropped
    when more than `EVENTS` wait), newest (only the last per topic, and only while it is fresh).

    A retained message that a newer one replaces before it was sent is no loss: its topic tells what is true now.
    """

    def __init__(self) -> None:
        self.replaced = 0
        self._dropped: Counter[str] = Counter()
        self._retained: dict[str, Outgoing] = {}
        self._due: set[str] = set()
        self._queue: deque[Outgoing] = deque()
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
            self.replaced += message.topic in self._due
            self._due.add(message.topic)
            self._wake()

    def put_queued(self, message: Outgoing) -> None:
        """Queue for delivery in order; the oldest is dropped and counted when too many wait."""
        with self._changed:
            self._queue.append(message)
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
            self._queue.extendleft(reversed(list(messages)))
            self._shorten()
            self._wake()

    def resend_retained(self) -> None:
        """Everything retained is due again."""
        with self._changed:
            self._due = set(self._retained)
            self._wake()

    def take(self, now_ns: int, qos: frozenset[int]) -> Outgoing | None:
        """The next message of one of these `qos`, None when there is none.

        What must arrive goes first, in the order of `t_ns`; a newest that is stale is dropped and counted.
        """
        with self._changed:
            due = [self._retained[topic] for topic in self._due if self._retained[topic].qos in qos]
            retained = min(due, key=_put_at, default=None)
            queued = self._queue[0] if self._queue and self._queue[0].qos in qos else None
            if queued is not None and (retained is None or queued.t_ns < retained.t_ns):
                return self._queue.popleft()
            if retained is not None:
                self._due.remove(retained.topic)
                return retained
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
            waiting += [*self._queue, *self._newest.values()]
            return max((message.t_ns for message in waiting if message.qos == qos), default=None)

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
            self._dropped[self._queue.popleft().topic] += 1

    def _wake(self) -> None:
        self._woken = True
        self._changed.notify_all()


def _put_at(message: Outgoing) -> int:
    return message.t_ns
