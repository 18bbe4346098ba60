"""What a device says, and waiting until the broker has it."""

from __future__ import annotations

from edge.publish.mqtt.publisher import MqttPublisher
from edge.publish.state import blank_state
from tests.broker import until
from tests.edge.publish import records

DETAIL = {"reason": None, "stamp_kind": "driver"}


def connected(publisher: MqttPublisher) -> MqttPublisher:
    until(lambda: publisher.connected, "publisher connected")
    return publisher


def happy_state(t_ns: int = 1) -> dict:
    return {**blank_state(records.IDENTITY, t_ns), "source": "face", "track": 3, "emotion": "happy"}


def everything(publisher: MqttPublisher) -> None:
    publisher.enabled(True)
    publisher.status("video", "online", DETAIL)
    publisher.status("audio", "degraded", {"reason": "no sound for 3 s"})
    publisher.status("engine", "online", {"reason": None})
    publisher.state(happy_state())
    publisher.stats({"camera_fps": 25.0, "audio_dBFS": float("-inf")})
