"""The connection to the broker: the one place that imports paho."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from edge.config import MqttSettings
from edge.errors import ConfigError
from edge.publish.mqtt.broker_url import BrokerAddress
from edge.publish.mqtt.login import client_id, read_password
from edge.publish.mqtt.outbox import Outgoing

KEEPALIVE_S = 10
BACK_OFF_S = (1, 30)
CONNECT_TIMEOUT_S = 5.0
ANSWER_S = (3.0, 30.0)
STEADY_S = 60.0
CONTESTED = 3
_UNSUPPORTED_VERSION = 132
_TAKEN_OVER = 142
_WITH_WILL = 4
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wiring:
    """What a connection needs from its owner. The callbacks run in the network thread and must be quick.

    `handlers` are called with payload and retain flag of each message on their topic, subscribed to with QoS 1.
    """

    device_id: str
    will_topic: str
    handlers: Mapping[str, Callable[[bytes, bool], None]]
    on_connected: Callable[[], None]
    on_progress: Callable[[], None]


class _VersionChoice:
    """Which MQTT version to speak: 5 unless it is refused, in words or by a broker that does not answer it.

    amqtt, for one, waits for the rest of a CONNECT of MQTT 5 with a will: nothing comes back at all.
    """

    def __init__(self, mqtt5: bool) -> None:
        self.mqtt5 = mqtt5
        self._settled = False
        self._patience_s = ANSWER_S[0]
        self._asked_at: float | None = None
        self._refused = False

    def asked(self, now: float) -> None:
        """A CONNECT is on its way; what counts is the first one without an answer."""
        if self._asked_at is None:
            self._asked_at = now

    def answered(self) -> None:
        """The broker understood this version."""
        self._settled, self._asked_at, self._patience_s = True, None, ANSWER_S[0]

    def refused(self) -> None:
        """The broker does not speak this version."""
        self._refused = True

    def should_change(self, now: float) -> bool:
        """Change to the other version when it is time to."""
        silent = not self._settled and self._asked_at is not None and now - self._asked_at > self._patience_s
        if not self._refused and not silent:
            return False
        self.mqtt5 = not self.mqtt5
        self._refused, self._asked_at = False, None
        self._patience_s = min(2 * self._patience_s, ANSWER_S[1])
        return True


class _Client(paho.Client):
    """paho's client, and what it keeps to itself: that a ping was answered."""

    on_pong: Callable[[], None]

    def ping(self) -> None:
        """Ask the broker for a sign of life; it answers when it has read all that was sent before."""
        self._send_pingreq()

    def _handle_pingresp(self) -> MQTTErrorCode:
        code = super()._handle_pingresp()
        self.on_pong()
        return code


class Connection:
    """Keeps one MQTT connection up: MQTT 5, and 3.1.1 with brokers that refuse it.

    `start` and `stop` are called by one thread; `send` and `tend` by one other.
    """

    def __init__(self, address: BrokerAddress, settings: MqttSettings, wiring: Wiring) -> None:
        self.connected = False
        self.connects = 0
        self.pongs = 0
        self._address = address
        self._settings = settings
        self._wiring = wiring
        self._said = ""
        self._connected_at = 0.0
        self._short_lives = 0
        self._version = _VersionChoice(address.mqtt5)
        self._client: _Client | None = None
        self._password = read_password(settings.password_file) if settings.password_file else None

    @property
    def mqtt5(self) -> bool:
        """Whether MQTT 5 is spoken, or tried; else 3.1.1."""
        return self._version.mqtt5

    def start(self) -> None:
        """Begin to connect, in a thread of paho's; raises ConfigError when the certificates are unusable."""
        self._client = self._make_client()
        self._client.loop_start()

    def send(self, message: Outgoing) -> paho.MQTTMessageInfo | None:
        """Hand one message to the network thread; None when it cannot be taken."""
        if self._client is None:
            return None
        properties = None
        if message.expiry_s is not None and self.mqtt5:
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            properties.MessageExpiryInterval = message.expiry_s
        return self._client.publish(message.topic, message.payload, message.qos, message.retain, properties)

    def ping(self) -> None:
        """Ask the broker for an answer, which counts up `pongs`: then it has read all that was sent before."""
        if self._client is not None:
            self._client.ping()

    def tend(self) -> None:
        """Look after the network thread: try the other MQTT version when this one fails, revive a thread that died."""
        if self._version.should_change(time.monotonic()):
            self._retire(clean=True)
            self.start()
        elif self._client is not None:
            self._client.loop_start()  # does nothing while the thread runs
            if self.connected and self._contested and time.monotonic() - self._connected_at > STEADY_S:
                self._short_lives = 0
                self._say_connected()

    def stop(self, *, clean: bool) -> None:
        """Disconnect; `clean` False leaves the will to the broker. Does not wait for a broker that is silent."""
        self._retire(clean=clean)

    def _make_client(self) -> _Client:
        client = _Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id(self._wiring.device_id),
            protocol=paho.MQTTv5 if self.mqtt5 else paho.MQTTv311,
        )
        client.suppress_exceptions = True
        client.connect_timeout = CONNECT_TIMEOUT_S
        client.reconnect_delay_set(*BACK_OFF_S)
        client.will_set(self._wiring.will_topic, "offline", qos=1, retain=True)
        username = self._settings.username or self._address.username
        if username or self._password:
            client.username_pw_set(username or "", self._password)
        if self._address.tls:
            self._set_tls(client)
        client.on_pong = self._on_pong
        client.on_pre_connect = self._on_pre_connect
        client.on_socket_open = self._on_socket_open
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        client.connect_async(self._address.host, self._address.port, keepalive=KEEPALIVE_S)
        return client

    def _set_tls(self, client: paho.Client) -> None:
        settings = self._settings
        ca, cert, key = (
            str(path) if path else None for path in (settings.ca_file, settings.cert_file, settings.key_file)
        )
        try:
            client.tls_set(ca_certs=ca, certfile=cert, keyfile=key)
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            names = ", ".join(path for path in (ca, cert, key) if path) or "the system's certificates"
            raise ConfigError(
                f"The certificates for {self._address} cannot be used ({error}); check {names}."
            ) from error

    def _retire(self, *, clean: bool) -> None:
        client, self._client, self.connected = self._client, None, False
        if client is None:
            return
        reason = None if clean else ReasonCode(PacketTypes.DISCONNECT, identifier=_WITH_WILL)
        if clean or self.mqtt5:
            client.disconnect(reason)
        # It ends within a second, or within the time-out of a connect: not worth waiting for.
        ending = threading.Thread(target=client.loop_stop, name="mqtt-end", daemon=True)
        ending.start()
        ending.join(1.0 if clean else 0.2)

    def _on_pong(self) -> None:
        self.pongs += 1
        self._wiring.on_progress()

    def _on_pre_connect(self, client: paho.Client, _data: Any) -> None:
        """What is open is sent again by who handed it in: paho might send an older state after a newer one."""
        client.drop_out_messages()

    def _on_socket_open(self, client: paho.Client, _data: Any, _socket: Any) -> None:
        if client is self._client:
            self._version.asked(time.monotonic())

    def _on_connect(self, client: paho.Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any) -> None:
        if client is not self._client:
            return
        if reason.is_failure:
            if self.mqtt5 and reason.value == _UNSUPPORTED_VERSION:
                self._version.refused()
                self._wiring.on_progress()
            else:
                self._version.answered()
                self._say("refused", f"{self._address} refuses this login ({reason}); check username and password")
            return
        client.subscribe(self._subscriptions())
        self._version.answered()
        self._connected_at = time.monotonic()
        self.connects += 1
        self.connected = True
        if not self._contested:
            client.reconnect_delay_set(*BACK_OFF_S)
            self._say_connected()
        self._wiring.on_connected()

    def _subscriptions(self) -> list[tuple[str, Any]]:
        """Retained messages are not wanted at all, and those that come live keep their flag (MQTT 5)."""
        options: Any = 1
        if self.mqtt5:
            options = SubscribeOptions(
                qos=1, retainAsPublished=True, retainHandling=SubscribeOptions.RETAIN_DO_NOT_SEND
            )
        return [(topic, options) for topic in self._wiring.handlers]

    def _on_connect_fail(self, client: paho.Client, _data: Any) -> None:
        if client is self._client:
            error = sys.exc_info()[1]  # paho calls this while it handles the error
            reason = getattr(error, "strerror", None) or error or "no answer"
            self._say("unreachable", f"cannot reach {self._address} ({reason}); trying again until it answers")

    def _on_disconnect(self, client: paho.Client, _data: Any, _flags: Any, reason: ReasonCode, _props: Any) -> None:
        if client is not self._client:
            return
        was_connected, self.connected = self.connected, False
        if not was_connected:
            return
        # Not every broker says that another client took over: it looks like connections that never last.
        lasted = time.monotonic() - self._connected_at > STEADY_S
        self._short_lives = CONTESTED if reason.value == _TAKEN_OVER else 0 if lasted else self._short_lives + 1
        if self._contested:
            client.reconnect_delay_set(BACK_OFF_S[1], BACK_OFF_S[1])  # else two would fight once a second
            self._say(
                "contested",
                f"{self._address} ends every connection, as it does when another edge-emotion calls itself "
                f"{self._wiring.device_id!r}; give one of the two another --device-id",
            )
        else:
            self._say("lost", f"lost the connection to {self._address} ({reason}); trying again until it answers")

    @property
    def _contested(self) -> bool:
        return self._short_lives >= CONTESTED

    def _say_connected(self) -> None:
        version = "5" if self.mqtt5 else "3.1.1"
        self._say("connected", f"connected to {self._address} (MQTT {version})", logging.INFO)

    def _on_message(self, client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        handler = self._wiring.handlers.get(message.topic)
        if client is self._client and handler is not None:
            handler(bytes(message.payload), message.retain)

    def _on_publish(self, *_arguments: Any) -> None:
        self._wiring.on_progress()

    def _say(self, state: str, text: str, level: int = logging.WARNING) -> None:
        """One line when the state changes, none for each new try."""
        if state != self._said:
            self._said = state
            _log.log(level, "%s", text)
