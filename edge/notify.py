"""What the service manager is told: ready, a sentence for `systemctl status`, and that all stages are alive."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Mapping

from edge.clock import NS_PER_S, Clock

EXTEND_S = 60.0
_LEAST_PING_NS = NS_PER_S

_log = logging.getLogger("edge.notify")


class ServiceManager:
    """systemd, where it started this process with Type=notify; else nobody, and every call does nothing.

    The watchdog is fed by `alive` at a third of its time-out, at most once a second. No call here waits or raises:
    the messages of sd_notify(3) are sent without it. systemd-python's call (version 235) waits for a manager whose
    socket is full and holds Python's lock: measured, a manager that looks away for 2 s stops every thread for 2.04 s.
    """

    def __init__(self, clock: Clock, environ: Mapping[str, str] = os.environ) -> None:
        self._clock = clock
        self._address = _address(environ)
        self._ping_every_ns = watchdog_ns(environ) // 3
        self._ping_ns = 0
        self._ready = False
        self._held_ns: int | None = None
        self._words = ""
        self._warned = False

    @property
    def watches(self) -> bool:
        """Whether it ends a process that is not `alive`."""
        return self._ping_every_ns > 0

    @property
    def there(self) -> bool:
        """Whether a service manager wants to be told."""
        return self._address is not None

    def ready(self) -> None:
        """The first result is out, or none is wanted; repeated calls do nothing."""
        if not self._ready:
            self._ready = self._tell("READY=1")  # told again where the socket was full

    def hold(self) -> None:
        """Before it is ready: there is long work to do first, and starting may take EXTEND_S more, again and again."""
        now_ns = self._clock.now_ns()
        if not self._ready and (self._held_ns is None or now_ns - self._held_ns >= EXTEND_S * NS_PER_S / 3):
            self._held_ns = now_ns
            self.extend(EXTEND_S)

    def reloading(self) -> None:
        """The settings are being read again; `ready` is to follow. Before the first `ready` nothing is told."""
        if self._ready:
            self._tell(f"RELOADING=1\nMONOTONIC_USEC={self._clock.now_ns() // 1000}")
            self._ready = False

    def status(self, words: str) -> None:
        """One line for `systemctl status`, told when it is new."""
        if words != self._words:
            self._words = words
            self._tell(f"STATUS={' '.join(words.split())}")  # a line break would begin another message

    def alive(self) -> None:
        """Everything goes on: without this, systemd ends and restarts the service."""
        now_ns = self._clock.now_ns()
        if self._ping_every_ns and now_ns - self._ping_ns >= max(_LEAST_PING_NS, self._ping_every_ns):
            self._ping_ns = now_ns
            self._tell("WATCHDOG=1")

    def extend(self, timeout_s: float) -> None:
        """Start, run or stop may take this much longer from now on: long work is under way."""
        self._tell(f"EXTEND_TIMEOUT_USEC={round(timeout_s * 1e6)}")

    def stopping(self) -> None:
        """The end has begun."""
        self._tell("STOPPING=1")

    def _tell(self, message: str) -> bool:
        """Whether it was said; to nobody counts."""
        if self._address is None:
            return True
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as manager:
                manager.setblocking(False)
                manager.sendto(message.encode(errors="replace"), self._address)
        except OSError as error:  # systemd begins anew, say; the next message may arrive
            level = logging.DEBUG if self._warned else logging.WARNING
            _log.log(level, "The service manager cannot be told how this goes (NOTIFY_SOCKET): %s", error)
            self._warned = True
            return False
        return True


def watchdog_ns(environ: Mapping[str, str]) -> int:
    """The watchdog's time-out for this process, 0 without one (sd_watchdog_enabled(3))."""
    pid, microseconds = environ.get("WATCHDOG_PID", ""), environ.get("WATCHDOG_USEC", "")
    if not microseconds.isdigit() or (pid and pid != str(os.getpid())):
        return 0
    return int(microseconds) * 1000


def _address(environ: Mapping[str, str]) -> str | None:
    """Where the manager listens; a leading @ stands for the zero byte of an abstract socket."""
    named = environ.get("NOTIFY_SOCKET")
    if not named:
        return None
    return "\0" + named[1:] if named.startswith("@") else named
