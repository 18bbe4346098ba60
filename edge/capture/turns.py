"""One caller at a time, where the one inside may hang: the others give up, and it shows when the way is free again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from edge.errors import DeviceError


class Turns:
    """A lock for calls that can hang with a server. `answers_again` counts the hanging calls that came back."""

    def __init__(self, hangs: str) -> None:
        """`hangs` is the sentence for those who wait in vain."""
        self.answers_again = 0
        self._hangs = hangs
        self._lock = threading.Lock()
        self._given_up = False

    @contextmanager
    def one(self, limit_s: float) -> Iterator[None]:
        """Wait for the turn and take it. Raises DeviceError after `limit_s`; a limit of -1 waits for ever."""
        if not self._lock.acquire(timeout=limit_s):
            self.give_up()
            raise DeviceError(self._hangs)
        try:
            yield
        finally:
            if self._given_up:
                self._given_up = False
                self.answers_again += 1
            self._lock.release()

    def give_up(self) -> None:
        """Say that somebody waits no longer for the call that is under way, if one is."""
        self._given_up = self._lock.locked()
