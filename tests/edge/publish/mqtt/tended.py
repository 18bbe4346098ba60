"""A connection with somebody who tends it, as the publisher does, and a log of what it says."""

from __future__ import annotations

import logging
import threading

from edge.config import MqttSettings
from edge.publish.mqtt.back_off import BackOff
from edge.publish.mqtt.broker_url import parse_broker
from edge.publish.mqtt.connection import Connection
from edge.publish.mqtt.outbox import Outgoing
from edge.publish.mqtt.wiring import Wiring
from tests.broker import until

ECHO = "edge-emotion/desk/stats"


class Hasty(BackOff):
    """A hundredth of the delays, where waiting is not what is tested; counts how often it was asked."""

    asked = 0

    def next_s(self, longest_s: float = 30.0) -> float:
        self.asked += 1
        return super().next_s(longest_s) / 100


class Tended:
    """Tends every 50 ms and publishes on the echo's topic every `stats_s`."""

    def __init__(self, url, settings=None, *, handlers=None, back_off=None, stats_s=0.2, device="desk"):
        self._woken, self._ending = threading.Event(), threading.Event()
        self.wiring = Wiring(
            device_id=device,
            will_topic=f"edge-emotion/{device}/available",
            handlers=handlers or {},
            on_connected=lambda: None,
            on_progress=self._woken.set,
            echo_topic=ECHO,
        )
        address = parse_broker(url) if isinstance(url, str) else url
        self.connection = Connection(address, settings or MqttSettings(), self.wiring, back_off)
        self._stats_s = stats_s
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> Tended:
        self.connection.start()
        self._thread.start()
        return self

    def stop(self, *, clean: bool = True) -> None:
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join()
        self.connection.stop(clean=clean)

    def connected(self) -> Tended:
        until(lambda: self.connection.connected, f"connected; {self.connection.link}")
        return self

    def listening(self) -> Tended:
        """Wait until the broker has our subscriptions: what we publish comes back."""
        until(lambda: self.connection._vitals.echo._proven, f"the echo; {self.connection.link}")
        return self

    def in_state(self, *states: str) -> str:
        """Wait for one of these states of the link; gives the reason."""
        until(lambda: self.connection.link.state in states, f"{states}; {self.connection.link}")
        return self.connection.link.reason

    def _run(self) -> None:
        ticks = 1
        while not self._ending.is_set():
            self.connection.tend()
            if self.connection.connected and ticks % max(1, round(self._stats_s / 0.05)) == 0:
                self.connection.send(Outgoing(ECHO, "{}", 0, True, 0))
            ticks += 1
            self._woken.wait(0.05)
            self._woken.clear()


def lines(caplog) -> list[str]:
    """What was told of the link."""
    return [record.getMessage() for record in caplog.records if record.name == "edge.publish.mqtt.link"]


def warnings(caplog) -> list[str]:
    """What was warned of, by any part of MQTT."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("edge.publish.mqtt") and record.levelno >= logging.WARNING
    ]
