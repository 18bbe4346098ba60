"""A camera that can do everything that bad ones do.

    python -m tests.bench.camera_process REEL PORT

MJPEG over HTTP on 127.0.0.1. Prints its port when it listens. Standard input takes one command a line: `play`,
`freeze`, `black`, or a number: so many pictures a second.
"""

from __future__ import annotations

import socket
import sys
import time
from pathlib import Path

from tests.bench.reel import FPS, load_reel
from tests.mjpeg import MjpegServer


class ReelServer(MjpegServer):
    """Shows a reel, round and round; all its clients see the same picture."""

    def __init__(self, reel: Path, port: int) -> None:
        super().__init__(port=port)
        self._pictures, self._black = load_reel(reel)
        self._shows = "play"
        self._rate_hz = FPS
        self._number = 0

    def obey(self, command: str) -> None:
        """One line of standard input."""
        if command in {"play", "freeze", "black"}:
            self._shows = command
        else:
            self._rate_hz = float(command)

    def _send_all(self, client: socket.socket) -> None:
        due = time.monotonic()
        while True:
            client.sendall(self._picture())
            due = max(due + 1 / self._rate_hz, time.monotonic() - 0.2)
            time.sleep(max(0.0, due - time.monotonic()))

    def _picture(self) -> bytes:
        if self._shows == "play":
            self._number += max(1, round(FPS / self._rate_hz))
        return self._black if self._shows == "black" else self._pictures[self._number % len(self._pictures)]


def main() -> None:
    with ReelServer(Path(sys.argv[1]), int(sys.argv[2])) as server:
        print(server.port, flush=True)
        for line in sys.stdin:
            server.obey(line.strip())


if __name__ == "__main__":
    main()
