"""Hands what waits to the connection, no faster than the broker takes it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from edge.publish.mqtt.connection import Connection
from edge.publish.mqtt.outbox import Outbox, Outgoing
from edge.publish.mqtt.pulse import Pulse

IN_FLIGHT = 20
LOST_LATELY_S = 10.0
_AGAIN_S = 0.005
_IDLE_S = 1.0
_DIFFERENT = 20
_log = logging.getLogger(__name__)


class Delivery:
    """The thread between outbox and connection.

    Of QoS 1 at most `IN_FLIGHT` messages are without receipt; what a lost connection left open is sent again, in order
    and before anything newer. Messages of QoS 0 leave only while the broker reads (`Pulse`).
    """

    def __init__(self, outbox: Outbox, connection: Connection, every_round: Callable[[], None]) -> None:
        """`every_round` is called by the thread at least once a second, whether there is a connection or not."""
        self.sent = 0
        self._every_round = every_round
        self._outbox = outbox
        self._connection = connection
        self._pulse = Pulse(connection)
        self._in_flight: list[tuple[Outgoing, Any]] = []
        self._told: set[str] = set()
        self._connects_seen = 0
        self._connected_at = float("-inf")
        self._flushing = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mqtt-out", daemon=True)

    @property
    def in_flight(self) -> int:
        """How many messages of QoS 1 the broker has not acknowledged yet."""
        return len(self._in_flight)

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def stop(self, timeout_s: float) -> bool:
        """Wait until the broker has all that waits, and end; gives whether it has.

        A connection that was lost long ago is not waited for.
        """
        if not self._thread.is_alive():
            return False
        self._flushing.set()
        self._outbox.wake()
        lately = self._connection.connected or time.monotonic() - self._connected_at < LOST_LATELY_S
        delivered = self._ended.wait(timeout_s if lately else 0.0)
        self._ended.set()
        self._outbox.wake()
        self._thread.join(1.0)
        return delivered

    def _run(self) -> None:
        woken = False
        while not self._ended.is_set():
            try:
                self._every_round()
                self._connection.tend()
                if self._connection.connected:
                    self._connected_at = time.monotonic()
                    self._send_due()
                    if self._flushing.is_set() and not self._outbox.waiting and not self._in_flight:
                        self._ended.set()
            except Exception as error:
                self._complain(error)
            # paho tells of a receipt a moment before it counts: who was woken looks once more.
            woken = self._outbox.wait(_AGAIN_S if woken and self._in_flight else _IDLE_S)

    def _send_due(self) -> None:
        if self._connection.connects != self._connects_seen:
            self._connects_seen = self._connection.connects
            self._begin_again()
        self._in_flight = [(message, receipt) for message, receipt in self._in_flight if not _done(receipt)]
        answered = self._pulse.answered()
        while message := self._outbox.take(time.monotonic_ns(), self._ready_qos(answered)):
            self._send(message)
        self._pulse.ask_for(self._outbox.last_put_ns(qos=0))

    def _begin_again(self) -> None:
        """A new connection: the broker may have forgotten what it was to retain, and what was under way is lost."""
        lost = [message for message, receipt in self._in_flight if not message.retain and not _done(receipt)]
        self._in_flight = []
        self._pulse.forget()
        self._outbox.put_again(lost)
        self._outbox.resend_retained()

    def _send(self, message: Outgoing) -> None:
        try:
            receipt = self._connection.send(message)
        except Exception:
            self._outbox.lose(message)
            raise
        if message.qos:
            self._in_flight.append((message, receipt))
        elif not message.retain and not _taken(receipt):
            self._outbox.lose(message)
            return
        self.sent += 1

    def _complain(self, error: Exception) -> None:
        """Once for each failure, for it may come with every result."""
        words = f"{type(error).__name__}: {error}"
        new = words not in self._told and len(self._told) < _DIFFERENT
        if new:
            self._told.add(words)
        _log.log(logging.WARNING if new else logging.DEBUG, "publishing failed (%s); going on", words)
        _log.debug("where it failed", exc_info=True)

    def _ready_qos(self, broker_reads: bool) -> frozenset[int]:
        ready = {0} if broker_reads else set()
        return frozenset(ready | ({1} if len(self._in_flight) < IN_FLIGHT else set()))


def _done(receipt: Any) -> bool:
    """Whether the broker has acknowledged it; what was never taken is not done either."""
    try:
        return receipt is not None and bool(receipt.is_published())
    except (RuntimeError, ValueError):
        return False


def _taken(receipt: Any) -> bool:
    """Whether paho has put it into the line of what it writes."""
    return receipt is not None and receipt.rc == 0
