"""Text to a stream from a thread of its own: a stopped terminal or a pipe that nobody reads blocks no result."""

from __future__ import annotations

import io
import logging
import os
import threading
from collections import deque
from typing import TextIO

FLUSH_S = 1.0
_log = logging.getLogger(__name__)


class Writer:
    """Hands pieces of text on in order; when `capacity` wait, the oldest is dropped and counted."""

    def __init__(self, stream: TextIO, capacity: int) -> None:
        self.dropped = 0
        self.broken = False
        self._stream = stream
        self._capacity = capacity
        self._waiting: deque[str] = deque()
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def put(self, text: str) -> None:
        """Queue `text`."""
        with self._changed:
            if self.broken or self._closed:
                return
            if len(self._waiting) == self._capacity:
                self._waiting.popleft()
                self.dropped += 1
            self._waiting.append(text)
            self._changed.notify()

    def stop(self) -> None:
        """Write what waits, for at most a second; the stream stays open."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(FLUSH_S)

    def _run(self) -> None:
        while (text := self._next()) is not None:
            try:
                write(self._stream, text)
            except (OSError, ValueError) as error:  # ValueError: the stream was closed
                self.broken = True
                _log.warning("nobody reads the output any more (%s); the run goes on without it", error)
                return

    def _next(self) -> str | None:
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            return self._waiting.popleft() if self._waiting else None


def write(stream: TextIO, text: str) -> None:
    """Write all of `text` at once.

    Past Python's buffer where there is a file behind: its lock, held by a write that hangs, would abort the exit.
    """
    try:
        descriptor = stream.fileno()
    except io.UnsupportedOperation:
        stream.write(text)
        stream.flush()
        return
    rest = text.encode(stream.encoding or "utf-8", "replace")
    while rest:
        rest = rest[os.write(descriptor, rest) :]
