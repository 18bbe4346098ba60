"""Commands from outside: a closed schema, a limit, and a count of everything that is not obeyed."""

from __future__ import annotations

import logging
import threading
from collections import Counter, deque
from typing import Literal

from edge.clock import Clock, MonotonicClock
from edge.publish.mqtt.token_bucket import TokenBucket

MAX_BYTES = 4096
PER_SECOND = 20
_SWITCH = {b"ON": True, b"OFF": False}
_log = logging.getLogger(__name__)

Refusal = Literal["retained", "too_long", "not_understood"]
REASONS = ("retained", "too_long", "not_understood", "duplicate", "too_many", "failed")


def read_command(payload: bytes, retained: bool) -> bool | Refusal:
    """What the payload of `…/enabled/set` asks for: True is ON, False is OFF, and a word why it is ignored.

    A retained one is somebody's wish of long ago: obeyed, it would undo the switch on every connect.
    """
    if retained:
        return "retained"
    if len(payload) > MAX_BYTES:
        return "too_long"
    return _SWITCH.get(payload, "not_understood")


class Commands:
    """The commands for the privacy switch, from the network's thread to the one that executes them.

    Within the limit each is executed, in order. Beyond it only the last one waits: whatever a flood ends with, comes
    true. One that asks for what already is, or will be, only counts.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._bucket = TokenBucket(PER_SECOND, clock or MonotonicClock())
        self._counts: Counter[str] = Counter()
        self._paid: deque[bool] = deque()
        self._late: bool | None = None
        self._executing: bool | None = None
        self._told: bool | None = None
        self._changed = threading.Condition()

    def take(self, payload: bytes, retained: bool) -> None:
        """A message on `…/enabled/set`. Never raises, whatever the payload."""
        wish = read_command(payload, retained)
        with self._changed:
            if isinstance(wish, str):
                self._ignore(wish, payload)
            elif wish == self._expected():
                self._ignore("duplicate", payload)
            elif self._late is not None:
                # The two of them change nothing: they are opposites.
                self._late = None
                self._ignore("too_many", payload, 2)
            elif self._bucket.take():
                self._paid.append(wish)
                self._changed.notify()
            else:
                self._late = wish
                self._changed.notify()

    def told(self, on: bool) -> None:
        """The switch stands so, whoever turned it."""
        with self._changed:
            self._told = on

    def next(self, timeout_s: float) -> bool | None:
        """The next command to execute, None when there is none for `timeout_s`. `done` ends it."""
        with self._changed:
            if not self._paid and (self._late is None or not self._bucket.take()):
                self._changed.wait(timeout_s if self._late is None else min(timeout_s, self._bucket.wait_s()))
                return None
            if self._paid:
                self._executing = self._paid.popleft()
            else:
                self._executing, self._late = self._late, None
            return self._executing

    def done(self, *, failed: bool = False) -> None:
        """The last one of `next` was executed, or `failed`."""
        with self._changed:
            self._counts["failed" if failed else "executed"] += 1
            self._executing = None

    def wake(self) -> None:
        """End a `next` that waits."""
        with self._changed:
            self._changed.notify()

    def counts(self) -> dict[str, int | dict[str, int]]:
        """How many were executed, and how many ignored, by reason."""
        with self._changed:
            return {"executed": self._counts["executed"], "ignored": {why: self._counts[why] for why in REASONS}}

    def _expected(self) -> bool | None:
        """How the switch will stand when all that waits is executed."""
        if self._late is not None:
            return self._late
        if self._paid:
            return self._paid[-1]
        return self._told if self._executing is None else self._executing

    def _ignore(self, reason: str, payload: bytes, number: int = 1) -> None:
        if not self._counts[reason]:
            level = logging.INFO if reason == "duplicate" else logging.WARNING
            _log.log(level, "ignored on …/enabled/set (%s): %r; the next are only counted", reason, payload[:40])
        self._counts[reason] += number
