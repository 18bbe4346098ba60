"""A subscriber inside the guest that remembers everything the device says."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass
from typing import Any

import paho.mqtt.client as paho  # noqa: TID251 - the other end of the line
from paho.mqtt.enums import CallbackAPIVersion  # noqa: TID251

DEVICE = "bench"
BASE = f"edge-emotion/{DEVICE}/"


@dataclass(frozen=True)
class Heard:
    """`at` is CLOCK_MONOTONIC in seconds; `topic` is without the device's base."""

    at: float
    topic: str
    text: str

    def json(self) -> Any:
        return json.loads(self.text)


class Ear:
    """Listens from its making on, across restarts of everybody."""

    def __init__(self) -> None:
        self._heard: list[Heard] = []
        self._lock = threading.Lock()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        self._client.on_connect = lambda client, *_: client.subscribe(f"{BASE}#", qos=1)
        self._client.on_message = self._on_message
        self._client.reconnect_delay_set(1, 1)
        self._client.connect_async("127.0.0.1")
        self._client.loop_start()

    def _on_message(self, _client, _data, message) -> None:
        topic = message.topic.removeprefix(BASE)
        with self._lock:
            self._heard.append(Heard(time.monotonic(), topic, message.payload.decode()))

    def say(self, topic: str, text: str, *, retain: bool = False) -> None:
        """As anybody else would."""
        self._client.publish(BASE + topic, text, qos=1, retain=retain).wait_for_publish(30)

    def heard(self, topic: str, since: float = 0.0) -> list[Heard]:
        """All messages on this topic from `since` on."""
        with self._lock:
            return [one for one in self._heard if one.topic == topic and one.at >= since]

    def last(self, topic: str) -> str | None:
        """The newest message on this topic."""
        heard = self.heard(topic)
        return heard[-1].text if heard else None

    def state(self, stream: str) -> str | None:
        """`online`, `degraded`, `offline` or `disabled`, as told last."""
        return self.last(f"status/{stream}")

    def detail(self, stream: str) -> dict[str, Any]:
        """What was told last about a stream: reason, source, kind of stamps."""
        return json.loads(self.last(f"status/{stream}/detail") or "{}")

    def results(self, since: float, until: float = float("inf")) -> list[Heard]:
        """The results that came in this span."""
        return [one for one in self.heard("emotion", since) if one.at < until]
