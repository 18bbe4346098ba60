"""A server that accepts and never reads."""

from __future__ import annotations

import contextlib
import socket
import threading

from tests.broker import HOST


class Mute:
    """`with Mute() as mute: … mute.url`."""

    def __init__(self) -> None:
        self._server = socket.create_server((HOST, 0))
        self._clients: list[socket.socket] = []
        self.url = f"mqtt://{HOST}:{self._server.getsockname()[1]}"

    def __enter__(self) -> Mute:  # noqa: PYI034 - Self is Python 3.11
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        for one in (self._server, *self._clients):
            one.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._clients.append(self._server.accept()[0])
