"""Text to a stream from a thread of its own: a stopped terminal or a pipe that nobody reads blocks no result."""

from __future__ import annotations

import errno
import io
import logging
import os
import select
import threading
from collections import deque
from typing import TextIO

FLUSH_S = 1.0
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_log = logging.getLogger(__name__)


class Writer:
    """Hands pieces of text on in order; when `capacity` wait, the oldest is dropped and counted.

    A full disk ends it for good, unless it `insists`: then what cannot be written is dropped, and the next one tried.
    """

    def __init__(self, stream: TextIO, capacity: int, *, insists: bool = False) -> None:
        self.dropped = 0
        self.failure: Exception | None = None
        self._stream = stream
        self._insists = insists
        self._capacity = capacity
        self._waiting: deque[str] = deque()
        self._writing = False
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)

    @property
    def broken(self) -> bool:
        """Whether the stream takes nothing any more."""
        return self.failure is not None

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
            self._changed.notify_all()

    def flush(self) -> None:
        """Wait until everything is written, for at most a second."""
        with self._changed:
            self._changed.wait_for(lambda: self.broken or not (self._waiting or self._writing), FLUSH_S)

    def stop(self) -> None:
        """Write what waits, for at most a second; the stream stays open."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(FLUSH_S)

    def _run(self) -> None:
        while (text := self._next()) is not None:
            try:
                write(self._stream, text)
            except (OSError, ValueError) as error:  # ValueError: the stream was closed
                if self._insists and getattr(error, "errno", None) in _NO_ROOM:
                    self.dropped += 1
                    continue
                self._fail(error)
                return

    def _fail(self, error: Exception) -> None:
        with self._changed:
            self.failure = error
            self._waiting.clear()
            self._changed.notify_all()
        if reader_left(error):
            _log.warning("nobody reads the output any more (%s)", reason(error))
        else:
            _log.warning("the output cannot be written (%s)", reason(error))

    def _next(self) -> str | None:
        with self._changed:
            self._writing = False
            self._changed.notify_all()
            while not self._waiting and not self._closed:
                self._changed.wait()
            self._writing = bool(self._waiting)
            return self._waiting.popleft() if self._waiting else None


def reader_left(error: Exception) -> bool:
    """Whether the stream failed because its reader went away (as `head` does), not for a fault of its own."""
    return not isinstance(error, OSError) or error.errno in {errno.EPIPE, errno.ECONNRESET}


def reason(error: Exception) -> str:
    """What the system says, without Python's number."""
    return getattr(error, "strerror", None) or str(error)


def write(stream: TextIO, text: str) -> None:
    """Write all of `text` at once, and wait for a slow reader even where the stream does not (O_NONBLOCK).

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
        try:
            rest = rest[os.write(descriptor, rest) :]
        except BlockingIOError:
            writable = select.poll()
            writable.register(descriptor, select.POLLOUT)
            writable.poll()
