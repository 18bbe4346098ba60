"""Whether the broker reads what is sent to it."""

from __future__ import annotations

from edge.publish.mqtt.connection import Connection

PINGS_OPEN = 5


class Pulse:
    """Asks the broker before a message of QoS 0 leaves.

    A socket takes minutes of results for a broker that stands still, and the broker would hand them all on when it
    goes on, however old: their expiry counts from there. Its answer to a ping says that it has read all so far and is
    awake now, and it alone lets the newest result leave. For one thread.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._pongs_seen = connection.pongs
        self._open = 0
        self._asked_ns: int | None = None

    def ask_for(self, put_ns: int | None) -> None:
        """Ping for the message that was put at `put_ns` and waits, once; None when none waits."""
        if put_ns is not None and put_ns != self._asked_ns and self._open < PINGS_OPEN:
            self._asked_ns = put_ns
            self._open += 1
            self._connection.ping()

    def answered(self) -> bool:
        """Whether an answer has come since the last call."""
        pongs = self._connection.pongs
        came, self._pongs_seen = pongs - self._pongs_seen, pongs
        self._open = max(0, self._open - came)
        return came > 0

    def forget(self) -> None:
        """A new connection: what was asked over the last one gets no answer."""
        self._pongs_seen = self._connection.pongs
        self._open = 0
        self._asked_ns = None
