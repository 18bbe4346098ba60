"""A line between two ports of this machine that can be cut and mended."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType

from tests.broker import HOST, free_port


class Wire:
    """Whoever connects to `port` speaks with `to_port`; while it is cut nobody can connect."""

    def __init__(self, to_port: int) -> None:
        self.port = free_port()
        self._to_port = to_port
        self._ends: list[socket.socket] = []
        self._door: socket.socket | None = None

    def __enter__(self) -> Wire:  # noqa: PYI034 - Self is Python 3.11
        self.mend()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None):
        self.cut()

    def mend(self) -> None:
        """Let connections through."""
        self._door = socket.create_server((HOST, self.port))
        threading.Thread(target=self._accept, args=(self._door,), daemon=True).start()

    def cut(self) -> None:
        """End all connections, and let none through."""
        ends, self._ends = [*self._ends, self._door], []
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self, door: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = door.accept()
                far = socket.create_connection((HOST, self._to_port))
                self._ends += [near, far]
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=_carry, args=(source, sink), daemon=True).start()


def _carry(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            sink.sendall(data)
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
