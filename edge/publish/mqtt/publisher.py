"""Everything that a device says over MQTT, handed in from any thread and delivered by one of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from edge.clock import NS_PER_MS
from edge.config import MqttSettings
from edge.publish.homeassistant.announcer import Announcer
from edge.publish.message import RunIdentity, leaving_later
from edge.publish.mqtt.broker_url import BrokerAddress
from edge.publish.mqtt.commands import Commands
from edge.publish.mqtt.connection import Connection
from edge.publish.mqtt.delivery import Delivery
from edge.publish.mqtt.link import Link
from edge.publish.mqtt.outbox import Outbox, Outgoing
from edge.publish.mqtt.switchman import Switchman
from edge.publish.mqtt.topics import STATUS_NAMES, Topics
from edge.publish.mqtt.wiring import Wiring
from edge.publish.sink import Message
from edge.publish.state import blank_state
from edge.samples import Image, Result

EMOTION_EXPIRY_S = 2
FLUSH_S = 3.0


class MqttPublisher:
    """The MQTT sink. No method blocks or raises, but for `start` (ConfigError) and `stop` (at most about 4 s).

    A message that was handed in must not be changed any more: it becomes JSON when it leaves.
    """

    def __init__(
        self,
        address: BrokerAddress,
        identity: RunIdentity,
        settings: MqttSettings | None = None,
        on_enabled: Callable[[bool], None] | None = None,
        announcer: Announcer | None = None,
    ) -> None:
        """`on_enabled` is called from a thread of its own when `…/enabled/set` says ON or OFF.

        `announcer` introduces the device to Home Assistant.
        """
        self.topics = Topics(identity.device)
        self._identity = identity
        self._announcer = announcer
        self._outbox = Outbox()
        self._commands = Commands()
        self._switchman = None if on_enabled is None else Switchman(self._commands, on_enabled)
        self._state: Message | None = None
        self._closing = threading.Event()
        births = dict.fromkeys(announcer.birth_topics, announcer.heard) if announcer else {}
        wiring = Wiring(
            device_id=identity.device,
            will_topic=self.topics.available,
            handlers={self.topics.enabled_set: self._commands.take, **births},
            on_connected=self._outbox.wake,
            on_progress=self._outbox.wake,
            echo_topic=self.topics.stats,
        )
        self._connection = Connection(address, settings or MqttSettings(), wiring)
        self._delivery = Delivery(self._outbox, self._connection, self._announce_when_due)

    @property
    def connected(self) -> bool:
        """Whether the broker has taken the login and the connection stands."""
        return self._connection.connected

    @property
    def link(self) -> Link:
        """How it stands with the broker, in a word and in a sentence."""
        return self._connection.link

    def counts(self) -> dict[str, Any]:
        """What `…/stats` tells of this sink: `queue_drops` by kind of message, `commands`, and `mqtt`."""
        drops = {topic.removeprefix(f"{self.topics.base}/"): lost for topic, lost in self._outbox.dropped.items()}
        return {
            "queue_drops": {"emotion": 0, "event": 0, **drops},
            "commands": self._commands.counts(),
            "mqtt": {
                "connects": self._connection.connects,
                "sent": self._delivery.sent,
                "refused": self._connection.refusals,
                "replaced": self._outbox.replaced,
                "waiting": self._outbox.waiting,
                "in_flight": self._delivery.in_flight,
            },
        }

    def start(self) -> None:
        """Begin to connect; the broker may come later."""
        self._retain(self.topics.available, "online")
        self._announce()
        self._connection.start()
        self._delivery.start()
        if self._switchman is not None:
            self._switchman.start()

    def result(self, message: Message, result: Result | None = None, frame: Image | None = None) -> None:  # noqa: ARG002
        """Publish on `…/emotion`, or forget it when there is no connection within two seconds."""
        made_ns = _now()

        def leaving() -> Message:
            return leaving_later(message, (_now() - made_ns) / NS_PER_MS)

        self._outbox.put_newest(Outgoing(self.topics.emotion, leaving, 0, False, made_ns, EMOTION_EXPIRY_S))

    def state(self, message: Message) -> None:
        """Publish on `…/state`."""
        self._state = message
        self._retain(self.topics.state, message)

    def event(self, message: Message) -> None:
        """Publish on `…/event`; up to 64 wait for the broker."""
        self._outbox.put_queued(Outgoing(self.topics.event, message, 1, False, _now()))

    def stats(self, message: Message) -> None:
        """Publish on `…/stats`."""
        self._retain(self.topics.stats, message, qos=0)

    def status(self, name: str, state: str, detail: Message) -> None:
        """Publish `online`, `degraded`, `offline` or `disabled` for `video`, `audio` or `engine`, and why."""
        if self._closing.is_set():
            return  # a thread that is late: the last word has been said
        self._retain(self.topics.status_detail(name), detail)
        self._retain(self.topics.status(name), state)

    def enabled(self, on: bool) -> None:
        """Publish the privacy switch."""
        self._commands.told(on)
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
        if self._switchman is not None:
            self._switchman.stop()
        self._connection.stop(clean=self._delivery.stop(FLUSH_S))

    def _announce_when_due(self) -> None:
        if self._announcer is not None and self._announcer.due():
            self._announce()

    def _announce(self) -> None:
        if self._announcer is not None:
            self._retain(self._announcer.topic, self._announcer.payload)

    def _retain(self, topic: str, content: str | Message, qos: int = 1) -> None:
        self._outbox.put_retained(Outgoing(topic, content, qos, True, _now()))


def _now() -> int:
    return time.monotonic_ns()
