"""A network between a client and its server, that can be held up, cut, and looked into."""

from __future__ import annotations

import contextlib
import math
import random
import socket
import threading
import time

from tests.broker import HOST, free_port


class Link:
    """`with Link(broker.port) as link:` clients come to `link.port`. What is held up is delivered later.

    `first_bytes` has what each client said first, 16 bytes at most. What is under way is at most `buffer_bytes` at
    either end: the system's own buffers hold seconds of pictures.
    """

    def __init__(self, to_port: int, *, buffer_bytes: int | None = None) -> None:
        self.first_bytes: list[bytes] = []
        self.jitter_s = 0.0
        """What has come is held back for a random time up to this, again and again."""
        self.bytes_per_s: float | None = None
        """No more than this passes; None for all that comes."""
        self._to = (HOST, to_port)
        self._flowing = threading.Event()
        self._flowing.set()
        self._sockets: list[socket.socket] = []
        self._chance = random.Random(1)
        self._buffer_bytes = buffer_bytes
        self.port = free_port()
        self._server = socket.create_server((HOST, self.port))
        self.url = f"mqtt://{HOST}:{self.port}"

    def __enter__(self) -> Link:  # noqa: PYI034 - Self is Python 3.11
        self._listen()
        return self

    def __exit__(self, *_: object) -> None:
        self._flowing.set()
        self.cut()

    def hold(self) -> None:
        """Nothing passes, in both directions."""
        self._flowing.clear()

    def release(self) -> None:
        """What waited passes, then everything."""
        self._flowing.set()

    def cut(self) -> None:
        """Every connection breaks, and each new one is refused."""
        broken, self._sockets = [self._server, *self._sockets], []
        for one in broken:
            _shut(one)
            one.close()

    def mend(self) -> None:
        """New connections last."""
        self._server = socket.create_server((HOST, self.port))
        self._listen()

    def _listen(self) -> None:
        threading.Thread(target=self._accept, args=(self._server,), daemon=True).start()

    def _accept(self, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = server.accept()
                self._connect(client)

    def _connect(self, client: socket.socket) -> None:
        broker = socket.socket()
        if self._buffer_bytes:
            broker.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._buffer_bytes)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self._buffer_bytes)
        try:
            broker.settimeout(5)
            broker.connect(self._to)
            broker.settimeout(None)
        except OSError:
            client.close()
            broker.close()
            return
        self._sockets += [client, broker]
        for source, sink in ((client, broker), (broker, client)):
            threading.Thread(target=self._pump, args=(source, sink, source is client), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, from_client: bool) -> None:
        first = from_client
        with contextlib.suppress(OSError):
            while data := source.recv(self._most_bytes()):
                if first:
                    self.first_bytes.append(data[:16])
                    first = False
                self._flowing.wait()
                time.sleep(self._chance.uniform(0.0, self.jitter_s) + len(data) / (self.bytes_per_s or math.inf))
                sink.sendall(data)
        _shut(source)
        _shut(sink)

    def _most_bytes(self) -> int:
        """All that came while it was held back, or a twentieth of a second's worth."""
        return 2**20 if self.bytes_per_s is None else max(1, int(self.bytes_per_s / 20))


def _shut(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
