"""The addresses of a host, looked up without making anybody wait."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Any
from urllib.parse import urlsplit

from edge.clock import NS_PER_S

_PORTS = {"http": 80, "https": 443, "rtsp": 554, "rtsps": 322}
_LOOK_UP_EVERY_NS = 10 * NS_PER_S

Address = tuple[socket.AddressFamily, Any]
"""What `socket.socket` and `connect` take."""


def host_and_port(url: str) -> tuple[str, int]:
    """Whom an address of a camera names; port 0, where nobody is, for one that makes no sense."""
    parts = urlsplit(url)
    with contextlib.suppress(ValueError):
        return parts.hostname or "", parts.port or _PORTS.get(parts.scheme.lower(), 80)
    return parts.hostname or "", 0


class Host:
    """One host and port. A name is looked up in a thread of its own, as the system's resolver may block for long.

    At most one such thread runs, one in ten seconds is begun, and each ends with its answer.
    """

    def __init__(self, name: str, port: int) -> None:
        self._name = name
        self._port = port
        self._found: list[Address] = []
        self._turn = 0
        self._looked_ns: int | None = None
        self._thread: threading.Thread | None = None
        with contextlib.suppress(OSError, UnicodeError, OverflowError):
            self._found = self._look_up(socket.AI_NUMERICHOST)
        self._numeric = bool(self._found)

    def next_address(self, now_ns: int) -> Address | None:
        """The address whose turn it is; None while none is known."""
        if not self._numeric and (self._looked_ns is None or now_ns - self._looked_ns > _LOOK_UP_EVERY_NS):
            self._look_up_aside(now_ns)
        found = self._found  # the thread that looks it up may put another list in its place
        return found[self._turn % len(found)] if found else None

    def failed(self) -> bool:
        """That address did not answer; the next one's turn. Gives whether all have had theirs."""
        self._turn += 1
        return not self._found or self._turn % len(self._found) == 0

    def _look_up_aside(self, now_ns: int) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._looked_ns = now_ns
            self._thread = threading.Thread(target=self._run, name=f"look-up of {self._name}", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        with contextlib.suppress(OSError, UnicodeError, OverflowError):
            self._found = self._look_up(0)

    def _look_up(self, flags: int) -> list[Address]:
        answers = socket.getaddrinfo(self._name, self._port, type=socket.SOCK_STREAM, flags=flags)
        return [(family, where) for family, _, _, _, where in answers]
