"""What waits for one client of `/live`."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from itertools import count

PASSING = 32
"""Results and events, six seconds of them, that wait for a client that does not read; the oldest go first."""


class Reader:
    """Bounded: of what is kept the newest of each name, of what passes the newest few. For the event loop's thread."""

    def __init__(self) -> None:
        self.dropped = 0
        self._waiting: OrderedDict[str | int, bytes] = OrderedDict()
        self._passing: list[int] = []
        self._numbers = count()
        self._changed = asyncio.Event()
        self._closed = False

    def put(self, name: str | None, event: bytes) -> None:
        """Queue one event; `name` None passes, else it takes the place of the last of this name."""
        if name is not None:
            self._waiting.pop(name, None)
            self._waiting[name] = event
        else:
            number = next(self._numbers)
            self._passing.append(number)
            self._waiting[number] = event
            if len(self._passing) > PASSING:
                del self._waiting[self._passing.pop(0)]
                self.dropped += 1
        self._changed.set()

    def close(self) -> None:
        """No more is to come."""
        self._closed = True
        self._changed.set()

    async def take(self, patience_s: float) -> bytes | None:
        """All that waits, after at most `patience_s` (then nothing); None at the end."""
        if not self._changed.is_set():
            try:
                await asyncio.wait_for(self._changed.wait(), patience_s)
            except asyncio.TimeoutError:
                return b""
        self._changed.clear()
        if self._closed:
            return None
        events = b"".join(self._waiting.values())
        self._waiting.clear()
        self._passing.clear()
        return events
