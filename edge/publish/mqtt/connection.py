"""The connection to the broker, kept up: one client after the other."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from typing import Any

from edge.config import MqttSettings
from edge.errors import ConfigError
from edge.publish.mqtt.attempt import UNSUPPORTED_VERSION, Dialling, Ending
from edge.publish.mqtt.back_off import LONGEST_NEARBY_S, LONGEST_S, SHORTEST_S, BackOff
from edge.publish.mqtt.broker_url import BrokerAddress
from edge.publish.mqtt.client import Client
from edge.publish.mqtt.contest import Contest
from edge.publish.mqtt.diagnosis import contested, diagnose, silent
from edge.publish.mqtt.heartbeat import VitalSigns
from edge.publish.mqtt.link import Link, LinkLog
from edge.publish.mqtt.login import client_id, read_login
from edge.publish.mqtt.outbox import Outgoing
from edge.publish.mqtt.probe import is_alive
from edge.publish.mqtt.subscriptions import Subscriptions
from edge.publish.mqtt.tls import tls_context
from edge.publish.mqtt.version import VersionChoice
from edge.publish.mqtt.wiring import Wiring

GOOD_S = 10.0
_log = logging.getLogger(__name__)


class Connection:
    """Keeps one MQTT connection up: MQTT 5, and 3.1.1 with brokers that refuse it.

    `start` and `stop` are called by one thread; `send`, `ping` and `tend` by one other, `tend` every second at least.
    What was sent and not acknowledged when a connection ends is not sent again.
    """

    def __init__(
        self, address: BrokerAddress, settings: MqttSettings, wiring: Wiring, back_off: BackOff | None = None
    ) -> None:
        self.connected = False
        self.connects = 0
        self.pongs = 0
        self.refusals = 0
        self._address = address
        self._settings = settings
        self._wiring = wiring
        self._login = read_login(settings, address.username)
        self._back_off = back_off or BackOff()
        self._delay_s = 0.0
        self._version = VersionChoice(only_3=not address.mqtt5)
        self._contest = Contest()
        self._vitals = VitalSigns(wiring.echo_topic)
        self._log = LinkLog(Link("connecting", f"connecting to {address}"))
        self._asked_at: float | None = None
        self._accepted_at = 0.0
        self._not_before_s = 0.0
        self._subscriptions = Subscriptions(wiring.handlers, wiring.echo_topic, str(address))
        self._lock = threading.Lock()
        self._dialling: Dialling | None = None
        self._client: Client | None = None

    @property
    def mqtt5(self) -> bool:
        """Whether MQTT 5 is spoken, or tried; else 3.1.1."""
        return self._version.mqtt5

    @property
    def link(self) -> Link:
        """How it stands with the broker."""
        return self._log.link

    def start(self) -> None:
        """Begin to connect, in a thread of its own; raises ConfigError when the certificates are unusable."""
        self._dialling = self._dial()
        self._try(self._dialling)

    def send(self, message: Outgoing) -> Any:
        """Hand one message to the network thread: paho's receipt, or None when it cannot be taken."""
        if self._client is None:
            return None
        self._vitals.published(message.topic, time.monotonic())
        return self._client.publish(message)

    def ping(self) -> None:
        """Ask the broker for an answer, which counts up `pongs`: then it has read all that was sent before."""
        if self._client is not None:
            self._vitals.pong.sent(time.monotonic())
            self._client.ping()

    def tend(self) -> None:
        """Look after the client: try again when it ended, give it up when the broker does not answer."""
        client, dialling, now_s = self._client, self._dialling, time.monotonic()
        if client is None or dialling is None or now_s < self._not_before_s:
            return
        if client.over:
            self._begin_again(dialling)
        elif self.connected:
            self._watch(client, dialling, now_s)
        else:
            asked_at, patience_s = self._asked_at, self._version.patience_s
            if patience_s is not None and asked_at is not None and now_s - asked_at > patience_s:
                self._give_up(client, dialling, silent(self._address))

    def stop(self, *, clean: bool) -> None:
        """Disconnect; `clean` False leaves the will to the broker. Does not wait for a broker that is silent."""
        with self._lock:
            client, self._client, self._dialling, self.connected = self._client, None, None, False
        if client is not None:
            client.retire(clean=clean)
        self._log.closed(f"left {self._address}")

    def asked(self) -> None:
        """The client has sent its CONNECT."""
        self._asked_at = time.monotonic()

    def accepted(self) -> None:
        """The client was taken."""
        if self._client is None:
            return
        self._client.subscribe(self._wiring.handlers, self._wiring.echo_topic, retained=self._wiring.retained)
        self._version.answered()
        self._vitals.begin()
        self._accepted_at = time.monotonic()
        self._contest.connected(self._accepted_at)
        self.connects += 1
        self.connected = True
        if not self._contest.on:
            self._tell_connected()
        self._wiring.on_connected()

    def ended(self, ending: Ending) -> None:
        """The client has ended: say why, and decide when to try again."""
        self.connected = False
        now_s = time.monotonic()
        if ending.accepted:
            self._version.lost(now_s)
            if ending.taken_over or (ending.hung_up and is_alive(self._address)):
                self._contest.thrown_out(now_s, told=ending.taken_over)
            self._retry(diagnose(self._address, ending))
            return
        refused = ending.refusal is not None and ending.refusal[0] == UNSUPPORTED_VERSION
        if ending.refusal is not None and not refused:
            self._version.answered()
        not_understood = refused or (ending.refusal is None and ending.error is None)
        other = not_understood and self._version.failed(now_s, refused=refused)
        self._retry(diagnose(self._address, ending), at_once=other)

    def arrived(self, topic: str, payload: bytes, retained: bool) -> None:
        """A message came."""
        self._vitals.heard(topic, retained)
        self._subscriptions.deliver(topic, payload, retained)

    def not_heard(self, topic: str, words: str) -> None:
        """The broker does not let us listen."""
        self._subscriptions.refused(topic, words)

    def not_taken(self, words: str) -> None:
        """The broker has read a message and refuses it; only MQTT 5 tells."""
        self.refusals += 1
        if self.refusals == 1:
            _log.warning(
                "%s does not take what we publish (%s); allow this login to write its topics", self._address, words
            )

    def progressed(self) -> None:
        """A message was written or acknowledged."""
        self._wiring.on_progress()

    def ponged(self) -> None:
        """A ping was answered."""
        self.pongs += 1
        self._vitals.ponged()
        self._wiring.on_progress()

    def _dial(self) -> Dialling:
        return Dialling(
            self._address,
            client_id(self._wiring.device_id),
            self._wiring.will_topic,
            self._login,
            tls_context(self._settings, str(self._address)) if self._address.tls else None,
        )

    def _try(self, dialling: Dialling) -> None:
        with self._lock:
            if self._dialling is None:
                return  # stopped meanwhile
            self._asked_at = None
            if self._client is not None:
                self._client.retire(clean=False)  # lets go of its descriptors, which waited for the collector else
            self._client = Client(dialling, self.mqtt5, self._delay_s, self)
            try:
                self._client.start()
            except (OSError, RuntimeError) as error:  # no descriptor or no thread left on this machine
                self._not_before_s = time.monotonic() + SHORTEST_S
                self.ended(Ending(error=error))

    def _begin_again(self, dialling: Dialling) -> None:
        if self.connected:  # its thread is dead, and could not say so
            self.ended(Ending(accepted=True, words="its thread has died"))
        if self.link.state == "untrusted":  # whoever has mended a certificate need not start us again
            with contextlib.suppress(ConfigError):
                dialling = self._dial()
        self._try(dialling)

    def _watch(self, client: Client, dialling: Dialling, now_s: float) -> None:
        if self._vitals.are_gone(now_s):
            self._give_up(client, dialling, Link("silent", f"{self._address} has stopped answering; connecting afresh"))
        elif self._vitals.echo.is_missing(now_s):
            self._subscriptions.no_echo()
        elif self._contest.has_ended(now_s):
            self._tell_connected()
        elif now_s - self._accepted_at > GOOD_S:
            self._back_off.reset()

    def _give_up(self, client: Client, dialling: Dialling, link: Link) -> None:
        """The client may hang: it is left behind, and whatever becomes of it is not heard."""
        client.retire(clean=False)
        was_connected, self.connected = self.connected, False
        self._retry(link, at_once=not was_connected and self._version.failed(time.monotonic(), refused=False))
        self._try(dialling)

    def _retry(self, link: Link, *, at_once: bool = False) -> None:
        if at_once:
            self._delay_s = 0.0
            return
        if self._contest.on and link.state == "lost":
            link = contested(self._address, self._wiring.device_id)
        if self._contest.yields and link.state == "contested":
            self._delay_s = self._contest.delay_s()
        else:
            impatient = self._address.nearby and link.state not in {"refused", "untrusted"}
            self._delay_s = self._back_off.next_s(LONGEST_NEARBY_S if impatient else LONGEST_S)
        self._log.tell(link)

    def _tell_connected(self) -> None:
        self._log.connected(f"connected to {self._address} (MQTT {'5' if self.mqtt5 else '3.1.1'})")
