"""A bad network."""

from __future__ import annotations

import contextlib
import socket

from tests.bench.link import Link


class Line(Link):
    """A network that can also lose what it holds up."""

    _severed = False

    def cut(self) -> None:
        """Every connection ends, and what was held up is gone."""
        sockets, self._sockets = self._sockets, []
        for one in sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self.release()

    def sever(self) -> None:
        """Cut, and whoever calls is hung up on until `mend`."""
        self._severed = True
        self.cut()

    def mend(self) -> None:
        """Let connections through again."""
        self._severed = False

    def _connect(self, client: socket.socket) -> None:
        if self._severed:
            client.close()
        else:
            super()._connect(client)
