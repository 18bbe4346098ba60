"""A broker that answers as it is told: for what no real one can be made to say."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

from tests.broker import HOST

CONNACK_5 = b"\x20\x03\x00\x00\x00"
CONNACK_3 = b"\x20\x02\x00\x00"
TAKEN_OVER = b"\xe0\x02\x8e\x00"
UNSUPPORTED_5 = b"\x20\x03\x00\x84\x00"
UNSUPPORTED_3 = b"\x20\x02\x00\x01"


class Scripted:
    """Calls `answer` with the MQTT version (5 or 4) of each CONNECT and sends what it gives; None hangs up at once.

    `levels` are the versions that were tried. The connection is held open after an answer until the client leaves.
    """

    def __init__(self, answer: Callable[[int], bytes | None]) -> None:
        self.levels: list[int] = []
        self._lines: list[socket.socket] = []
        self._answer = answer
        self._server = socket.create_server((HOST, 0))
        self.url = f"mqtt://{HOST}:{self._server.getsockname()[1]}"

    def __enter__(self) -> Scripted:  # noqa: PYI034 - Self is Python 3.11
        threading.Thread(target=self._run, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def cut(self) -> None:
        """Close every connection."""
        for line in self._lines:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def _run(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                line, _ = self._server.accept()
                self._lines.append(line)
                threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        with line, contextlib.suppress(OSError):
            connect = line.recv(4096)
            if not connect:
                return  # somebody who only looked whether we are there
            level = connect[connect.index(b"MQTT") + 4]
            self.levels.append(level)
            answer = self._answer(level)
            if answer is None:
                return
            line.sendall(answer)
            while line.recv(4096):
                pass
