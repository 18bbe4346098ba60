"""A short visit to the broker: a real CONNECT with the settings' login, and a message that nobody keeps."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from edge.config import MqttSettings
from edge.publish.mqtt.attempt import UNSUPPORTED_VERSION, Dialling, Ending
from edge.publish.mqtt.broker_url import BrokerAddress
from edge.publish.mqtt.client import Client
from edge.publish.mqtt.diagnosis import AGAIN, diagnose, silent
from edge.publish.mqtt.link import Link
from edge.publish.mqtt.login import Login, client_id
from edge.publish.mqtt.outbox import Outgoing
from edge.publish.mqtt.tls import tls_context
from edge.publish.mqtt.topics import Topics
from edge.publish.mqtt.version import PATIENCE_S

REACH_S = 15.0
"""For the name, the line and TLS; the client itself gives up earlier, but a resolver may not."""
_RECEIPT_S = 3.0


@dataclass(frozen=True)
class Visit:
    """How the broker received us. `barred`: what it told us this login may not do, each in words."""

    link: Link
    mqtt5: bool = True
    barred: tuple[str, ...] = ()


def visit(address: BrokerAddress, settings: MqttSettings, login: Login, device_id: str) -> Visit:
    """Connect as the daemon does, under another client id: a daemon that is connected stays so.

    Brokers that make the user name the client id end the daemon's connection all the same, and it comes back at once.
    Raises ConfigError for certificates that cannot be used.
    """
    tls = tls_context(settings, str(address)) if address.tls else None
    dialling = Dialling(address, client_id(f"{device_id}/doctor"), None, login, tls)
    found = Visit(silent(address))
    for mqtt5 in (True, False) if address.mqtt5 else (False,):
        guest = _Guest(address)
        client = Client(dialling, mqtt5, 0.0, guest)
        client.start()
        try:
            found = guest.received(client, Topics(device_id), mqtt5)
        finally:
            client.retire(clean=guest.was_let_in)
        if not guest.was_misunderstood:
            return found
    return found


@dataclass
class _Guest:
    """Hears what the client reports, in its network thread."""

    address: BrokerAddress
    was_let_in: bool = False
    ending: Ending | None = None
    asked_to_come_in: threading.Event = field(default_factory=threading.Event)
    answered: threading.Event = field(default_factory=threading.Event)
    barred: list[str] = field(default_factory=list)

    def received(self, client: Client, topics: Topics, mqtt5: bool) -> Visit:
        """Wait for the broker's answer, then for what it says to a subscription and to a message."""
        if self.asked_to_come_in.wait(REACH_S):
            self.answered.wait(PATIENCE_S[0])
        if self.was_let_in:
            self._speak(client, topics)
            version = "5" if mqtt5 else "3.1.1"
            return Visit(Link("connected", f"{self.address} takes us (MQTT {version})"), mqtt5, tuple(self.barred))
        if self.ending is not None:
            link = diagnose(self.address, self.ending)
            return Visit(Link(link.state, link.reason.removesuffix(AGAIN)), mqtt5)
        if self.asked_to_come_in.is_set():
            return Visit(silent(self.address), mqtt5)
        return Visit(Link("unreachable", f"cannot reach {self.address} (no answer within {REACH_S:.0f} s)"), mqtt5)

    @property
    def was_misunderstood(self) -> bool:
        """Whether the broker may speak the other version: it refused this one, hung up, or said nothing."""
        if self.was_let_in:
            return False
        if self.ending is None:
            return self.asked_to_come_in.is_set()
        refusal = self.ending.refusal
        return refusal[0] == UNSUPPORTED_VERSION if refusal else self.ending.error is None

    def _speak(self, client: Client, topics: Topics) -> None:
        """Below `status`, where each device may write, and not retained; only MQTT 5 tells who may not."""
        client.subscribe([topics.enabled_set], None)
        receipt = client.publish(Outgoing(topics.status("doctor"), "online", 1, False, time.monotonic_ns()))
        if receipt is not None and not self.barred:
            receipt.wait_for_publish(_RECEIPT_S)

    def asked(self) -> None:
        self.asked_to_come_in.set()

    def accepted(self) -> None:
        self.was_let_in = True
        self.answered.set()

    def ended(self, ending: Ending) -> None:
        self.ending = ending
        self.asked_to_come_in.set()
        self.answered.set()

    def arrived(self, topic: str, payload: bytes, retained: bool) -> None:
        """Nothing is wanted."""

    def not_heard(self, topic: str, words: str) -> None:
        self.barred.append(f"listen to {topic} ({words})")

    def not_taken(self, words: str) -> None:
        self.barred.append(f"publish its results ({words})")

    def progressed(self) -> None:
        """Nothing is waited for by it."""

    def ponged(self) -> None:
        """No ping is sent."""
