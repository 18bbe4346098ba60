from __future__ import annotations

import pytest

from edge.publish.mqtt.embedded import EmbeddedBroker
from tests.broker import free_port, listening, until
from tests.edge.publish import records
from tests.edge.publish.mqtt.device import connected

pytestmark = pytest.mark.timeout(120)


class Switch:
    def __init__(self) -> None:
        self.heard: list[bool] = []

    def __call__(self, on: bool) -> None:
        self.heard.append(on)
        if on:
            raise RuntimeError("a callback that fails")


def test_the_switch_is_obeyed_and_survives_junk_and_failures(broker, publishers, caplog):
    switch = Switch()
    publisher = connected(publishers(broker.url, on_enabled=switch))
    topic = publisher.topics.enabled_set
    with listening(broker.port) as listener:
        for junk in ("", "on", "OFF ", "1", "[" * 4000, b"\xff\xfe\x00", "ON" * 4000, '{"state": "OFF"}'):
            listener.publish(topic, junk)
        listener.publish(topic, "ON")
        listener.publish(topic, "OFF")
        until(lambda: len(switch.heard) == 2, "both commands")
        assert switch.heard == [True, False]
        publisher.result(records.message())
        listener.wait_for("emotion")
    assert publisher.connected


@pytest.mark.parametrize("kind", ["mosquitto", "amqtt"])
def test_a_retained_command_is_ignored(kind, publishers):
    switch = Switch()
    broker = EmbeddedBroker(free_port(), prefer_mosquitto=kind == "mosquitto")
    broker.start()
    try:
        with listening(broker.port, mqtt5=kind == "mosquitto") as listener:
            listener.publish("edge-emotion/desk/enabled/set", "OFF", retain=True)
            publisher = connected(publishers(broker.address, on_enabled=switch))
            publisher.result(records.message())
            listener.wait_for("emotion")
            assert switch.heard == []
            listener.publish(publisher.topics.enabled_set, "OFF")
            until(lambda: switch.heard == [False], "the command")
        publisher.stop()
    finally:
        broker.stop()
