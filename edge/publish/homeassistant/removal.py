"""Takes a device out of Home Assistant: the empty retained message in place of the announcement."""

from __future__ import annotations

import threading
import time
from typing import Any

from edge.config import MqttSettings
from edge.errors import EdgeError
from edge.publish.mqtt.broker_url import BrokerAddress
from edge.publish.mqtt.connection import Connection
from edge.publish.mqtt.diagnosis import AGAIN
from edge.publish.mqtt.link import Link
from edge.publish.mqtt.outbox import Outgoing
from edge.publish.mqtt.wiring import Wiring

_LOOK_EVERY_S = 0.1


class Removal:
    """One visit to the broker, under a name of its own: the daemon of the same device stays connected."""

    def __init__(self, address: BrokerAddress, settings: MqttSettings, device_id: str, timeout_s: float) -> None:
        self._address = address
        self._timeout_s = timeout_s
        self._progress = threading.Event()
        wiring = Wiring(
            device_id=f"{device_id}\0remove-discovery",
            will_topic=None,
            handlers={},
            on_connected=self._progress.set,
            on_progress=self._progress.set,
        )
        self._connection = Connection(address, settings, wiring)

    def empty(self, topic: str) -> None:
        """Make the broker forget `topic`; returns when it has acknowledged that.

        Errors: EdgeError with what is wrong, at once when the broker refuses us, else after `timeout_s`.
        """
        deadline_s = time.monotonic() + self._timeout_s
        self._connection.start()
        try:
            self._await_connection(deadline_s)
            receipt = self._connection.send(Outgoing(topic, "", 1, True, time.monotonic_ns()))
            if receipt is None:
                raise EdgeError(f"{self._address} hangs up: nothing was removed.")
            while not _acknowledged(receipt):
                self._wait(deadline_s)
            if self._connection.refusals:
                raise EdgeError(f"{self._address} does not let this login write {topic}: nothing was removed.")
        finally:
            self._connection.stop(clean=True)

    def _await_connection(self, deadline_s: float) -> None:
        while not self._connection.connected:
            link = self._connection.link
            if link.state in {"refused", "untrusted", "unreachable"}:
                raise EdgeError(f"{_sentence(link)}: nothing was removed.")
            self._wait(deadline_s)

    def _wait(self, deadline_s: float) -> None:
        if time.monotonic() > deadline_s:
            link = self._connection.link
            known = link.state not in {"connecting", "connected"}
            reason = _sentence(link) if known else f"{self._address} does not answer"
            raise EdgeError(f"{reason}: nothing was removed within {self._timeout_s:g} s.")
        self._progress.wait(_LOOK_EVERY_S)
        self._progress.clear()
        self._connection.tend()


def _sentence(link: Link) -> str:
    """Without what a daemon would say, which goes on trying."""
    return link.reason.removesuffix(AGAIN)


def _acknowledged(receipt: Any) -> bool:
    try:
        return bool(receipt.is_published())
    except (RuntimeError, ValueError) as error:
        raise EdgeError(f"The broker does not take the message ({error}); try again.") from error
