"""Everything that a device says over MQTT, handed in from any thread and sent by one of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from edge.config import MqttSettings
from edge.publish.homeassistant.announcer import Announcer
from edge.publish.message import RunIdentity
from edge.publish.mqtt.broker_url import BrokerAddress
from edge.publish.mqtt.connection import Connection, Wiring
from edge.publish.mqtt.outbox import Outbox, Outgoing
from edge.publish.mqtt.topics import STATUS_NAMES, Topics
from edge.publish.payload import encode
from edge.publish.sink import Message
from edge.publish.state import blank_state
from edge.samples import Image, Result

EMOTION_EXPIRY_S = 2
FLUSH_S = 3.0
_IN_FLIGHT = 20
_OLD_FIRST_S = 5.0
_COMMANDS = {b"ON": True, b"OFF": False}
_log = logging.getLogger(__name__)


class MqttPublisher:
    """The MQTT sink. No method blocks or raises, but for `start` (ConfigError) and `stop` (at most about 4 s)."""

    def __init__(
        self,
        address: BrokerAddress,
        identity: RunIdentity,
        settings: MqttSettings | None = None,
        on_enabled: Callable[[bool], None] | None = None,
        announcer: Announcer | None = None,
    ) -> None:
        """`on_enabled` is called from the publisher's own thread when `…/enabled/set` says ON or OFF.

        `announcer` introduces the device to Home Assistant.
        """
        self.topics = Topics(identity.device)
        self._identity = identity
        self._on_enabled = on_enabled
        self._announcer = announcer
        self._outbox = Outbox()
        self._commands: deque[bool] = deque(maxlen=8)
        self._state: Message | None = None
        self._in_flight: list[Any] = []
        self._unwritten: Any = None
        self._connects_seen = 0
        self._old_first_until = 0.0
        self._closing = threading.Event()
        self._idle = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mqtt-out", daemon=True)
        births = dict.fromkeys(announcer.birth_topics, announcer.heard) if announcer else {}
        wiring = Wiring(
            device_id=identity.device,
            will_topic=self.topics.available,
            handlers={self.topics.enabled_set: self._on_command, **births},
            on_connected=self._outbox.resend_retained,
            on_progress=self._outbox.wake,
        )
        self._connection = Connection(address, settings or MqttSettings(), wiring)

    @property
    def connected(self) -> bool:
        """Whether the broker has taken the login and the connection stands."""
        return self._connection.connected

    @property
    def dropped(self) -> int:
        """Events that were lost because too many waited for the broker."""
        return self._outbox.dropped

    def start(self) -> None:
        """Begin to connect; the broker may come later."""
        self._retain(self.topics.available, "online")
        if self._announcer is not None:
            self._retain(self._announcer.topic, self._announcer.payload)
        self._connection.start()
        self._thread.start()

    def result(self, message: Message, result: Result | None = None, frame: Image | None = None) -> None:  # noqa: ARG002
        """Publish on `…/emotion`, or forget it when there is no connection within two seconds."""
        payload = encode(message)
        self._outbox.put_newest(Outgoing(self.topics.emotion, payload, 0, False, _now(), EMOTION_EXPIRY_S))

    def state(self, message: Message) -> None:
        """Publish on `…/state`."""
        self._state = message
        self._retain(self.topics.state, encode(message))

    def event(self, message: Message) -> None:
        """Publish on `…/event`; up to 64 wait for the broker."""
        self._outbox.put_queued(Outgoing(self.topics.event, encode(message), 1, False, _now()))

    def stats(self, message: Message) -> None:
        """Publish on `…/stats`."""
        self._retain(self.topics.stats, encode(message), qos=0)

    def status(self, name: str, state: str, detail: Message) -> None:
        """Publish `online`, `degraded`, `offline` or `disabled` for `video`, `audio` or `engine`, and why."""
        if self._closing.is_set():
            return  # a thread that is late: the last word has been said
        self._retain(self.topics.status_detail(name), encode(detail))
        self._retain(self.topics.status(name), state)

    def enabled(self, on: bool) -> None:
        """Publish the privacy switch."""
        self._retain(self.topics.enabled_state, "ON" if on else "OFF")

    def stop(self) -> None:
        """Say `emotion: null`, `offline` and `stopped`, wait until the broker has them (3 s), and disconnect.

        When the broker does not acknowledge in time it is left to publish the will.
        """
        if self._closing.is_set():
            return
        if self._state is None or self._state["emotion"] is not None:
            self.state(blank_state(self._identity, _now()))
        for name in STATUS_NAMES:
            self.status(name, "offline", {"reason": "stopped"})
        self._retain(self.topics.available, "stopped")
        self._closing.set()
        self._outbox.wake()
        heard = False
        if self._thread.is_alive():
            heard = self._idle.wait(FLUSH_S if self._connection.connected else 0.0)
            self._idle.set()
            self._outbox.wake()
            self._thread.join(1.0)
        self._connection.stop(clean=heard)

    def _retain(self, topic: str, payload: str, qos: int = 1) -> None:
        self._outbox.put_retained(Outgoing(topic, payload, qos, True, _now()))

    def _on_command(self, payload: bytes, retained: bool) -> None:
        on = None if retained else _COMMANDS.get(payload)
        if on is not None:
            self._commands.append(on)
            self._outbox.wake()

    def _run(self) -> None:
        while not self._idle.is_set():
            try:
                self._obey()
                if self._announcer is not None and self._announcer.due():
                    self._retain(self._announcer.topic, self._announcer.payload)
                self._connection.tend()
                if self._connection.connected:
                    self._send_due()
                    if self._closing.is_set() and self._outbox.empty and not self._in_flight:
                        self._idle.set()
            except Exception as error:
                _log.warning("publishing failed (%s: %s); going on", type(error).__name__, error)
                _log.debug("where it failed", exc_info=True)
            self._outbox.wait(0.05 if self._in_flight or self._unwritten else 1.0)

    def _obey(self) -> None:
        while self._commands and not self._closing.is_set():
            on = self._commands.popleft()
            if self._on_enabled is not None:
                self._on_enabled(on)

    def _send_due(self) -> None:
        connects = self._connection.connects
        if connects != self._connects_seen:
            self._connects_seen = connects
            self._unwritten = None
            self._old_first_until = time.monotonic() + _OLD_FIRST_S
        self._in_flight = [receipt for receipt in self._in_flight if not _done(receipt)]
        if self._unwritten is not None and _done(self._unwritten):
            self._unwritten = None
        if self._in_flight and time.monotonic() < self._old_first_until:
            return  # paho repeats what the last connection left open: an older state must not come after a newer one
        self._old_first_until = 0.0
        while message := self._outbox.take(_now(), self._ready_qos()):
            receipt = self._connection.send(message)
            if message.qos == 0:
                self._unwritten = receipt
            elif receipt is not None:
                self._in_flight.append(receipt)

    def _ready_qos(self) -> frozenset[int]:
        """A broker that does not read must not make messages pile up here: at most one of QoS 0 and 20 of QoS 1."""
        ready = {0} if self._unwritten is None or _done(self._unwritten) else set()
        return frozenset(ready | ({1} if len(self._in_flight) < _IN_FLIGHT else set()))


def _done(receipt: Any) -> bool:
    """Whether paho has written (QoS 0) or the broker acknowledged (QoS 1) it, or it was never taken."""
    try:
        return bool(receipt.is_published())
    except (RuntimeError, ValueError):
        return True


def _now() -> int:
    return time.monotonic_ns()
