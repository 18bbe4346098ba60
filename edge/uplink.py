"""MQTT of a run: its publisher, the broker of its own where one is wanted, and another publisher after a reload."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from edge.config import Settings
from edge.errors import EdgeError
from edge.publish.homeassistant.announcer import announcer_of
from edge.publish.message import RunIdentity
from edge.publish.mqtt.broker_url import BrokerAddress, parse_broker
from edge.publish.mqtt.embedded import EmbeddedBroker
from edge.publish.mqtt.link import Link
from edge.publish.mqtt.publisher import MqttPublisher
from edge.publish.mqtt.tls import tls_context
from edge.publish.sink import Message
from edge.samples import Image, Result

_log = logging.getLogger("edge.uplink")


class Uplink:
    """The sink that may be none (`broker = "none"`) and may become another one while the others go on.

    `on_switch` hears ON and OFF from MQTT.
    """

    def __init__(self, settings: Settings, identity: RunIdentity, on_switch: Callable[[bool], None]) -> None:
        self._settings = settings
        self._identity = identity
        self._on_switch = on_switch
        self._address = parse_broker(settings.broker)
        self._embedded: EmbeddedBroker | None = None
        self._mqtt: MqttPublisher | None = None  # a reload may take it away at any time: ask once, then use
        self._telling = threading.Lock()
        self._statuses: dict[str, tuple[str, Message]] = {}
        self._state: Message | None = None
        self._on: bool | None = None

    @property
    def publishes(self) -> bool:
        """Whether there is a broker to publish to."""
        return self._mqtt is not None

    @property
    def link(self) -> Link | None:
        """How it stands with the broker; None without one."""
        mqtt = self._mqtt
        return None if mqtt is None else mqtt.link

    def start(self) -> None:
        """Begin to connect; raises EdgeError when the embedded broker or the certificates cannot be had."""
        address = self._address
        if address.kind == "embedded":
            self._embedded = EmbeddedBroker()
            self._embedded.start()
            address = self._embedded.address
            _log.info("subscribe with: mosquitto_sub -p %d -t 'edge-emotion/#' -v", self._embedded.port)
        if address.kind == "remote":
            self._mqtt = self._publisher(self._settings, address)
            self._mqtt.start()

    def stop(self) -> None:
        """Say goodbye; then the broker of our own may end."""
        if self._mqtt is not None:
            self._mqtt.stop()
        if self._embedded is not None:
            self._embedded.stop()

    def tend(self) -> None:
        """Start the embedded broker again when it has ended."""
        if self._embedded is None:
            return
        try:
            self._embedded.revive()
        except (EdgeError, OSError) as error:
            _log.warning("%s", error)

    def change(self, settings: Settings) -> None:
        """Another broker, login or introduction from now on; a farewell to the old one takes at most about 4 s.

        Raises EdgeError when the new one cannot be had; then the old one stays.
        """
        address = parse_broker(settings.broker)
        new = None
        if address.kind == "remote":
            new = self._publisher(settings, address)
            if address.tls:
                tls_context(settings.mqtt, str(address))  # before the old one goes
        old, self._mqtt = self._mqtt, new
        if old is not None:
            old.stop()
        self._settings, self._address = settings, address
        if new is not None:
            new.start()
            self._introduce(new)

    def can_change(self, settings: Settings) -> bool:
        """Not from or to the embedded broker: it is a part of the run."""
        return "embedded" not in {self._address.kind, parse_broker(settings.broker).kind}

    def needs_change(self) -> bool:
        """Whether the broker does not take us as we are: what it lacks may be there now, like another password."""
        return self.link is not None and self.link.state in {"refused", "untrusted"}

    def result(self, message: Message, result: Result | None = None, frame: Image | None = None) -> None:
        """Publish one window."""
        mqtt = self._mqtt
        if mqtt is not None:
            mqtt.result(message, result, frame)

    def state(self, message: Message) -> None:
        """Publish the slow view."""
        with self._telling:
            self._state = message
            if self._mqtt is not None:
                self._mqtt.state(message)

    def event(self, message: Message) -> None:
        """Publish an event."""
        mqtt = self._mqtt
        if mqtt is not None:
            mqtt.event(message)

    def stats(self, message: Message) -> None:
        """Publish the figures of the run."""
        mqtt = self._mqtt
        if mqtt is not None:
            mqtt.stats(message)

    def status(self, name: str, state: str, detail: Message) -> None:
        """Publish a stream's or the engine's state."""
        with self._telling:
            self._statuses[name] = state, detail
            if self._mqtt is not None:
                self._mqtt.status(name, state, detail)

    def enabled(self, on: bool) -> None:
        """Publish the privacy switch."""
        with self._telling:
            self._on = on
            if self._mqtt is not None:
                self._mqtt.enabled(on)

    def counts(self) -> dict[str, Any] | None:
        """What MQTT lost, sent and heard; None without a broker."""
        mqtt = self._mqtt
        return None if mqtt is None else mqtt.counts()

    def _publisher(self, settings: Settings, address: BrokerAddress) -> MqttPublisher:
        return MqttPublisher(address, self._identity, settings.mqtt, self._on_switch, announcer_of(settings))

    def _introduce(self, new: MqttPublisher) -> None:
        """What a broker has to retain of a run that began before it."""
        with self._telling:
            if self._on is not None:
                new.enabled(self._on)
            for name, (state, detail) in self._statuses.items():
                new.status(name, state, detail)
            if self._state is not None:
                new.state(self._state)
