"""One client of paho's for one attempt to connect, and what it reports."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, LogLevel, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from edge.publish.mqtt.attempt import UNSUPPORTED_VERSION, Dialling, Ending, Reports
from edge.publish.mqtt.intake import Intake
from edge.publish.mqtt.outbox import Outgoing

KEEPALIVE_S = 10
CONNECT_TIMEOUT_S = 5.0
_TAKEN_OVER = 142
_KEEPALIVE_TIMEOUT = 141
_PROTOCOL_ERROR = 130
_log = logging.getLogger(__name__)


class _Paho(Intake):
    """paho's client, and what it keeps to itself: begin and end of its thread, each CONNACK and PINGRESP."""

    on_begin: Callable[[], bool]
    on_death: Callable[[Exception], None]
    on_pong: Callable[[], None]
    answered = False

    def ping(self) -> None:
        # Not _send_pingreq: it notes the time after sending, when the answer may be here already, and then hangs up.
        self._send_simple_command(paho.PINGREQ)

    def _handle_connack(self) -> MQTTErrorCode:
        self.answered = True
        return super()._handle_connack()

    def _handle_pingresp(self) -> MQTTErrorCode:
        code = super()._handle_pingresp()
        self.on_pong()
        return code

    def loop_forever(self, timeout: float = 1.0, retry_first_connection: bool = False) -> MQTTErrorCode:
        try:
            if self.on_begin():
                return super().loop_forever(timeout, retry_first_connection)
        except Exception as error:
            self.on_death(error)
        return MQTTErrorCode.MQTT_ERR_UNKNOWN


class Client:
    """Connects once, after `delay_s`, and reports until it has ended or is retired.

    One for each attempt: nothing of a broken connection (half a packet, messages without receipt, a thread that hangs)
    can reach the next one.
    """

    def __init__(self, dialling: Dialling, mqtt5: bool, delay_s: float, reports: Reports) -> None:
        self._reports = reports
        self._mqtt5 = mqtt5
        self._delay_s = delay_s
        self._retired = threading.Event()
        self._ended = False
        self._accepted = False
        self._refusal: tuple[int, str] | None = None
        self._last_error = ""
        self._subscribed: dict[int | None, list[str]] = {}
        self._thread: threading.Thread | None = None
        self._paho: _Paho | None = self._make(dialling)

    def start(self) -> None:
        """Begin, in a thread of its own; raises OSError or RuntimeError when this machine has none left."""
        try:
            if self._paho is not None:
                self._paho.loop_start()
        except (OSError, RuntimeError):
            self._ended = True
            raise

    @property
    def over(self) -> bool:
        """Whether it has ended, or its thread has died without a word."""
        return self._ended or (self._thread is not None and not self._thread.is_alive())

    def publish(self, message: Outgoing) -> paho.MQTTMessageInfo | None:
        """Hand one message to the network thread; None when it cannot be taken."""
        if self._paho is None:
            return None
        properties = None
        if message.expiry_s is not None and self._mqtt5:
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            properties.MessageExpiryInterval = message.expiry_s
        return self._paho.publish(message.topic, message.payload, message.qos, message.retain, properties)

    def ping(self) -> None:
        """Ask the broker for an answer: then it has read all that was sent before."""
        if self._paho is not None:
            self._paho.ping()

    def subscribe(self, topics: Iterable[str], echo_topic: str | None, *, retained: bool = False) -> None:
        """Listen; of `topics` the retain flag is kept as it was sent (MQTT 5).

        What the broker has kept is wanted only with `retained`.
        """
        handling = SubscribeOptions.RETAIN_SEND_ON_SUBSCRIBE if retained else SubscribeOptions.RETAIN_DO_NOT_SEND
        for names, qos, keep in ((list(topics), 1, True), ([echo_topic] if echo_topic else [], 0, False)):
            options: Any = qos
            if self._mqtt5:
                options = SubscribeOptions(qos=qos, retainAsPublished=keep, retainHandling=handling)
            if names and self._paho is not None:
                _, number = self._paho.subscribe([(name, options) for name in names])
                self._subscribed[number] = names

    def retire(self, *, clean: bool) -> None:
        """Say goodbye (`clean`), or hang up and leave the will to the broker; no report comes any more.

        Waits up to a second for a clean end, and not at all for a broker that is silent.
        """
        client, self._paho = self._paho, None
        self._retired.set()
        if client is None:
            return
        if clean:
            client.disconnect()
            if self._thread is not None and self._thread is not threading.current_thread():
                self._thread.join(1.0)
        _hang_up(client)

    def _make(self, dialling: Dialling) -> _Paho:
        address = dialling.address
        client = _Paho(
            CallbackAPIVersion.VERSION2,
            client_id=dialling.client_id,
            protocol=paho.MQTTv5 if self._mqtt5 else paho.MQTTv311,
            transport=address.transport,
            reconnect_on_failure=False,
        )
        client.suppress_exceptions = True
        client.connect_timeout = CONNECT_TIMEOUT_S
        if dialling.will_topic is not None:
            client.will_set(dialling.will_topic, "offline", qos=1, retain=True)
        if dialling.login.username or dialling.login.password:
            client.username_pw_set(dialling.login.username or "", dialling.login.password)
        if dialling.tls is not None:
            client.tls_set_context(dialling.tls)
        if address.transport == "websockets":
            client.ws_set_options(address.path)
        self._attend(client)
        host = address.path if address.transport == "unix" else address.host
        client.connect_async(host, address.port or 1, keepalive=KEEPALIVE_S)
        return client

    def _attend(self, client: _Paho) -> None:
        client.on_begin = self._on_begin
        client.on_socket_open = self._on_socket_open
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_death = lambda error: self._end(Ending(self._accepted, words=f"paho failed: {error}"))
        client.on_message = self._on_message
        client.on_subscribe = self._on_subscribe
        client.on_publish = self._on_publish
        client.on_pong = lambda: self._report(self._reports.ponged)
        client.on_log = self._on_log

    def _report(self, report: Callable[..., None], *what: Any) -> None:
        if not self._retired.is_set():
            report(*what)

    def _end(self, ending: Ending) -> None:
        if not self._ended:
            try:
                self._report(self._reports.ended, ending)
            finally:
                self._ended = True
                self._report(self._reports.progressed)

    def _on_begin(self) -> bool:
        self._thread = threading.current_thread()
        return not self._retired.wait(self._delay_s)

    def _on_socket_open(self, client: paho.Client, *_: Any) -> None:
        if self._retired.is_set():
            _hang_up(client)
        self._report(self._reports.asked)

    def _on_connect(self, _client: paho.Client, _data: Any, _flags: Any, reason: ReasonCode, _props: Any) -> None:
        if reason.is_failure:
            self._refusal = (reason.value, str(reason))
        else:
            self._accepted = True
            self._report(self._reports.accepted)

    def _on_connect_fail(self, client: paho.Client, *_: Any) -> None:
        error = sys.exc_info()[1]  # paho calls this while it handles the error
        client.disconnect()  # else it would wait a second before it ends
        self._end(Ending(error=error, words=str(error)))

    def _on_disconnect(self, client: Any, _data: Any, flags: Any, reason: ReasonCode, _props: Any) -> None:
        told = flags.is_disconnect_packet_from_server
        silent = not told and reason.value == _KEEPALIVE_TIMEOUT
        rubbish = not told and reason.value == _PROTOCOL_ERROR
        if rubbish and client.answered and not self._accepted:  # paho keeps it to itself that 3.1.1 was refused
            self._refusal = (UNSUPPORTED_VERSION, "Unsupported protocol version")
        self._end(
            Ending(
                self._accepted,
                refusal=self._refusal,
                words=str(reason) if told or silent or rubbish else self._last_error or "the other side closed it",
                silent=silent,
                taken_over=told and reason.value == _TAKEN_OVER,
                hung_up=not told and not silent and not rubbish,
            )
        )

    def _on_publish(self, _client: Any, _data: Any, _number: int, reason: ReasonCode, _props: Any) -> None:
        if reason.is_failure:
            self._report(self._reports.not_taken, str(reason))
        self._report(self._reports.progressed)

    def _on_message(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        self._report(self._reports.arrived, message.topic, bytes(message.payload), message.retain)

    def _on_subscribe(self, _client: Any, _data: Any, number: int, reasons: list[ReasonCode], _props: Any) -> None:
        for topic, reason in zip(self._subscribed.pop(number, []), reasons, strict=False):
            if reason.is_failure:
                self._report(self._reports.not_heard, topic, str(reason))

    def _on_log(self, _client: Any, _data: Any, level: int, words: str) -> None:
        if level != LogLevel.MQTT_LOG_ERR:
            return
        if "socket: " in words:
            self._last_error = words.rsplit("socket: ", 1)[1]
        elif words.startswith("Caught exception"):
            _log.warning("%s", words)


def _hang_up(client: paho.Client) -> None:
    """Close the line from any thread, under TLS and WebSocket, so that the network thread sees the end of it."""
    line = client.socket()
    with contextlib.suppress(OSError, AttributeError, ValueError):
        if line is not None:
            with socket.socket(fileno=os.dup(line.fileno())) as same:
                same.shutdown(socket.SHUT_RDWR)
