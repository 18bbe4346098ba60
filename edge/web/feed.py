"""What a device has said last, and everybody who wants to hear the next at once."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import Counter
from typing import Any, NoReturn

from edge.web.reader import Reader

MOST_BYTES = 65_536
"""Of one message; the largest of a device, with twelve faces, has a tenth of that."""


class Feed:
    """Takes messages from the network's thread, and hands each as one server-sent event to every reader.

    Readers belong to the event loop that the feed was made in. `name` is a topic's name below the device's base.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.counts: Counter[str] = Counter()
        self.refused = 0
        self.closed = False
        self._loop = loop
        self._lock = threading.Lock()
        self._latest: dict[str, Any] = {}
        self._events: dict[str, bytes] = {}
        self._heard_at_s: float | None = None
        self._readers: set[Reader] = set()

    @property
    def readers(self) -> int:
        """How many listen now."""
        return len(self._readers)

    @property
    def silence_s(self) -> float | None:
        """Seconds since the last message; None before the first."""
        return None if self._heard_at_s is None else time.monotonic() - self._heard_at_s

    def latest(self, name: str) -> Any:
        """What was said last there, None when nothing was."""
        with self._lock:
            return self._latest.get(name)

    def hear(self, name: str, payload: bytes, *, text: bool, kept: bool) -> None:
        """A message, from any thread: JSON, or plain `text`. What is kept is told to each new reader first."""
        try:
            content = _content(payload, text=text) if payload else None  # empty: it was taken off the broker
        except (ValueError, RecursionError):
            self.refused += 1
            return
        with self._lock:
            self.counts[name] += 1
            self._heard_at_s = time.monotonic()
            self._latest[name] = content
        self.say(name, content, kept=kept)

    def say(self, name: str, content: Any, *, kept: bool) -> None:
        """Tell every reader; from any thread."""
        event = encoded(name, content)
        if kept:
            with self._lock:
                self._events[name] = event
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._spread, name if kept else None, event)

    def forget(self) -> None:
        """A connection begins: what the broker keeps is about to come, and what it has lost is true no more."""
        with self._lock:
            for name in self._latest:
                self._events.pop(name, None)
            self._latest.clear()

    def join(self) -> Reader:
        """A new reader, who has what is known so far."""
        reader = Reader()
        with self._lock:
            for name, event in self._events.items():
                reader.put(name, event)
        self._readers.add(reader)
        return reader

    def leave(self, reader: Reader) -> None:
        """Nobody reads there any more."""
        self._readers.discard(reader)

    def close(self) -> None:
        """The end is near: every reader's stream ends."""
        self.closed = True
        for reader in self._readers:
            reader.close()

    def _spread(self, name: str | None, event: bytes) -> None:
        for reader in self._readers:
            reader.put(name, event)


def encoded(name: str, content: Any) -> bytes:
    """One server-sent event; JSON has no line breaks, which would end it early."""
    data = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return f"event: {name}\ndata: {data}\n\n".encode()


def _content(payload: bytes, *, text: bool) -> Any:
    """Raises ValueError or RecursionError for what a device would never say."""
    if len(payload) > MOST_BYTES:
        raise ValueError(len(payload))
    words = payload.decode("utf-8")
    return words if text else json.loads(words, parse_constant=_no_number)


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)
