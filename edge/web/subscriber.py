"""The reader of the broker's messages, an MQTT subscriber like any other."""

from __future__ import annotations

import functools
import secrets
import threading
import time

from edge.config import MqttSettings
from edge.publish.mqtt.broker_url import BrokerAddress
from edge.publish.mqtt.connection import Connection
from edge.publish.mqtt.link import Link
from edge.publish.mqtt.wiring import Wiring
from edge.web.feed import Feed
from edge.web.topics import Source, sources_of

LINK = "link"
_TEND_EVERY_S = 0.5
_HANGS_S = 10.0


class Subscriber:
    """Keeps one connection up in a thread of its own, and hands what one device says to `feed`."""

    def __init__(self, address: BrokerAddress, settings: MqttSettings, device_id: str, feed: Feed) -> None:
        """Raises UsageError or ConfigError when topics or login cannot be used."""
        self._address = address
        self._feed = feed
        handlers = {source.topic: functools.partial(self._hear, source) for source in sources_of(device_id)}
        wiring = Wiring(
            # A client id of its own for each run: several may read beside the daemon, and none throws another out.
            device_id=f"{device_id}\0web\0{secrets.token_hex(8)}",
            will_topic=None,
            handlers=handlers,
            on_connected=self._begin,
            on_progress=lambda: None,
            retained=True,
        )
        self._connection = Connection(address, settings, wiring)
        self._told: Link | None = None
        self._beat_s = time.monotonic()
        self._stopping = False
        self._woken = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mqtt-tender", daemon=True)

    @property
    def link(self) -> Link:
        """How it stands with the broker."""
        link = self._connection.link
        if link.state != "contested":
            return link
        return Link(
            "contested",
            f"{self._address} ends every connection, as it does when it takes login names for client ids; "
            "give edge-emotion-web a login of its own",
        )

    @property
    def connects(self) -> int:
        """How often the broker has taken us."""
        return self._connection.connects

    @property
    def alive(self) -> bool:
        """Whether the connection is being looked after."""
        return self._thread.is_alive() and time.monotonic() - self._beat_s < _HANGS_S

    def start(self) -> None:
        """Begin to connect; raises ConfigError when the certificates are unusable."""
        self._connection.start()
        self._tell()
        self._thread.start()

    def stop(self) -> None:
        """Say goodbye; takes two seconds at most."""
        self._stopping = True
        self._woken.set()
        self._thread.join(1.0)
        self._connection.stop(clean=True)

    def _begin(self) -> None:
        self._feed.forget()
        self._woken.set()

    def _run(self) -> None:
        while not self._stopping:
            self._connection.tend()
            self._tell()
            self._beat_s = time.monotonic()
            self._woken.wait(_TEND_EVERY_S)
            self._woken.clear()

    def _tell(self) -> None:
        link = self.link
        if link != self._told:
            self._told = link
            self._feed.say(LINK, {"state": link.state, "reason": link.reason}, kept=True)

    def _hear(self, source: Source, payload: bytes, _retained: bool) -> None:
        self._feed.hear(source.name, payload, text=source.text, kept=source.kept)
