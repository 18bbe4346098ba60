"""A network between a client and its server, that can be held up, cut, and looked into."""

from __future__ import annotations

import contextlib
import socket
import threading

from tests.broker import HOST, free_port


class Link:
    """`with Link(broker.port) as link:` clients come to `link.port`. What is held up is delivered later.

    `first_bytes` has what each client said first, 16 bytes at most.
    """

    def __init__(self, to_port: int) -> None:
        self.first_bytes: list[bytes] = []
        self._to = (HOST, to_port)
        self._flowing = threading.Event()
        self._flowing.set()
        self._sockets: list[socket.socket] = []
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
        try:
            broker = socket.create_connection(self._to, 5)
        except OSError:
            client.close()
            return
        self._sockets += [client, broker]
        for source, sink in ((client, broker), (broker, client)):
            threading.Thread(target=self._pump, args=(source, sink, source is client), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, from_client: bool) -> None:
        first = from_client
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                if first:
                    self.first_bytes.append(data[:16])
                    first = False
                self._flowing.wait()
                sink.sendall(data)
        _shut(source)
        _shut(sink)


def _shut(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
