"""The systemd journal, through systemd-python: entries with fields, which no full socket makes anybody wait for.

Its sendv holds Python's lock while it waits for a journald that does not read (measured with version 235: journald
stopped for 3 s stops every thread for 3 s, after 11 entries). So the socket in which libsystemd waits is told not to.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import socket
import stat
import threading
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path

from edge.errors import EdgeError

try:
    from systemd.journal import sendv
except ImportError:  # the namespace package `systemd` of a folder with units in it has no journal either
    sendv = None

SOCKET = "/run/systemd/journal/socket"
SOON_S = 0.001
AGAIN_S = 0.05
FLUSH_S = 1.0
PRIORITIES = {"DEBUG": 7, "INFO": 6, "WARNING": 4, "ERROR": 3, "CRITICAL": 2}
_CAPACITY = 1000  # entries that wait for a journald that does not read; the oldest are lost
_OPEN_S = 1.0


class JournalError(EdgeError):
    """The journal cannot be had, and why, in a sentence."""


class JournalHandler(logging.Handler):
    """Log records as entries, in order, from a thread of its own.

    `extra={"fields": {"EDGE_STATUS": "video"}}` adds fields to a record's entry. Raises JournalError when there is no
    systemd-python or no journal.
    """

    def __init__(self, identifier: str) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter("%(message)s"))  # the rest are fields
        self.dropped = 0
        self._identifier = identifier
        self._waiting: deque[list[bytes]] = deque()
        self._sending = False
        self._closed = False
        self._give_up_s = float("inf")
        self._changed = threading.Condition()
        _open_without_waiting(_lines({"MESSAGE": "the log goes to the journal with its fields", **self._base("DEBUG")}))
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Queue one record."""
        try:
            self._put({"MESSAGE": self.format(record), **self._base(record.levelname), **fields_of(record)})
        except Exception:  # as logging.StreamHandler does: a bad format string ends no run
            self.handleError(record)

    def flush(self) -> None:
        """Wait until journald has all, for at most a second."""
        with self._changed:
            self._changed.wait_for(lambda: not (self._waiting or self._sending), FLUSH_S)

    def close(self) -> None:
        """Send what waits, for at most a second; logging calls this at exit."""
        with self._changed:
            self._closed = True
            self._give_up_s = time.monotonic() + FLUSH_S
            self._changed.notify_all()
        self._thread.join(FLUSH_S)
        super().close()

    def _base(self, level: str) -> dict[str, str]:
        return {"PRIORITY": str(PRIORITIES.get(level, 6)), "SYSLOG_IDENTIFIER": self._identifier}

    def _put(self, fields: Mapping[str, str]) -> None:
        with self._changed:
            if self._closed:
                return
            if len(self._waiting) == _CAPACITY:
                self._waiting.popleft()
                self.dropped += 1
            self._waiting.append(_lines(fields))
            self._changed.notify_all()

    def _run(self) -> None:
        told = 0
        while (entry := self._next()) is not None:
            self._send(entry)
            if self.dropped != told:  # not by the log: whoever flushes it holds this handler's lock
                lost, told = self.dropped - told, self.dropped
                words = f"{lost} entries were lost while journald did not read"
                self._send(_lines({"MESSAGE": words, "LOGGER": __name__, **self._base("WARNING")}))

    def _send(self, entry: list[bytes]) -> None:
        """Until journald has it, or the end is near."""
        wait_s = SOON_S
        while not _sent(entry) and time.monotonic() < self._give_up_s:
            time.sleep(wait_s)
            wait_s = min(2 * wait_s, AGAIN_S)

    def _next(self) -> list[bytes] | None:
        with self._changed:
            self._sending = False
            self._changed.notify_all()
            while not self._waiting and not self._closed:
                self._changed.wait()
            self._sending = bool(self._waiting)
            return self._waiting.popleft() if self._waiting else None


def fields_of(record: logging.LogRecord) -> dict[str, str]:
    """Who said it where, and what the record brings along."""
    code = {"CODE_FILE": record.pathname, "CODE_LINE": str(record.lineno), "CODE_FUNC": record.funcName}
    return {"LOGGER": record.name, "THREAD_NAME": str(record.threadName), **code, **getattr(record, "fields", {})}


def _lines(fields: Mapping[str, str]) -> list[bytes]:
    """As sd_journal_sendv(3) takes them."""
    return [f"{name}={value}".encode(errors="replace") for name, value in fields.items() if value]


def _sent(entry: list[bytes]) -> bool:
    """Whether that is done; False while journald does not read."""
    try:
        sendv(*entry)
    except BlockingIOError:
        return False
    except OSError:  # too large, say: another try would end alike
        return True
    return True


def _open_without_waiting(first: list[bytes]) -> None:
    """Send `first`, for which libsystemd opens its one socket, and take the waiting out of that socket."""
    if sendv is None:
        raise JournalError("systemd-python is not installed: pip install systemd-python")
    _wait_for_room()
    sendv(*first)
    sockets = _nameless_sockets()
    if not sockets:
        raise JournalError("the socket that libsystemd uses for the journal was not found")
    for descriptor in sockets:
        os.set_blocking(descriptor, False)


def _wait_for_room() -> None:
    """Until journald takes an entry, for a second at most."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as asked:
        try:
            asked.connect(SOCKET)
        except OSError as error:
            raise JournalError(f"nobody listens at {SOCKET} ({error.strerror})") from error
        room = select.poll()
        room.register(asked, select.POLLOUT)
        if not room.poll(_OPEN_S * 1000):
            raise JournalError(f"journald does not read what is sent to {SOCKET}")


def _nameless_sockets() -> list[int]:
    """This process's datagram sockets without address and peer, as only senders have them."""
    found = []
    for descriptor in [int(path.name) for path in Path("/proc/self/fd").iterdir()]:
        with contextlib.suppress(OSError):
            if _is_nameless(descriptor):
                found.append(descriptor)
    return found


def _is_nameless(descriptor: int) -> bool:
    """Raises OSError for one that has been closed meanwhile."""
    if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):  # a socket object of anything else would keep its copy open
        return False
    with socket.socket(fileno=os.dup(descriptor)) as asked:
        return (asked.family, asked.type, asked.getsockname()) == (socket.AF_UNIX, socket.SOCK_DGRAM, "")
