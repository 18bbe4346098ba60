from __future__ import annotations

import threading
import time

import pytest

from edge.publish.mqtt.commands import PER_SECOND
from edge.publish.mqtt.embedded import EmbeddedBroker
from tests.broker import free_port, listening, until
from tests.edge.publish import records
from tests.edge.publish.mqtt.device import connected
from tests.edge.publish.mqtt.test_commands import JUNK

pytestmark = pytest.mark.timeout(120)


class Switch:
    """Remembers what it was told, and fails at ON."""

    def __init__(self) -> None:
        self.heard: list[bool] = []

    def __call__(self, on: bool) -> None:
        self.heard.append(on)
        if on:
            raise RuntimeError("a callback that fails")


def counted(publisher) -> dict:
    return publisher.counts()["commands"]


def test_the_switch_is_obeyed_and_survives_junk_and_failures(broker, publishers):
    switch = Switch()
    publisher = connected(publishers(broker.url, on_enabled=switch))
    topic = publisher.topics.enabled_set
    with listening(broker.port) as listener:
        for junk in (*JUNK, "ON" * 4000):
            listener.publish(topic, junk)
        listener.publish(topic, "ON")
        listener.publish(topic, "OFF")
        until(lambda: len(switch.heard) == 2, "both commands")
        assert switch.heard == [True, False]
        until(lambda: counted(publisher)["executed"] == 1, "the second is done")
        ignored = counted(publisher)["ignored"]
        assert (ignored["not_understood"], ignored["too_long"], ignored["failed"]) == (len(JUNK), 1, 1)
        publisher.result(records.message())
        listener.wait_for("emotion")
    assert publisher.connected


def test_hundreds_of_strange_payloads_do_nothing_but_count(broker, publishers):
    switch = Switch()
    publisher = connected(publishers(broker.url, on_enabled=switch))
    strange = [bytes([number % 256]) * (number * 37 % 6000) for number in range(300)]
    with listening(broker.port, topic="edge-emotion/desk/available") as listener:
        for payload in strange:
            listener.publish(publisher.topics.enabled_set, payload)
        until(lambda: sum(counted(publisher)["ignored"].values()) == 300, "all are counted")
    assert (switch.heard, publisher.connected, publisher.counts()["mqtt"]["connects"]) == ([], True, 1)


def test_what_the_switch_is_told_to_be_already_is_not_executed(broker, publishers):
    switch = Switch()
    publisher = connected(publishers(broker.url, on_enabled=switch))
    publisher.enabled(False)
    with listening(broker.port) as listener:
        listener.publish(publisher.topics.enabled_set, "OFF")
        until(lambda: counted(publisher)["ignored"]["duplicate"] == 1, "it is counted")
    assert switch.heard == []


def test_a_flood_is_cut_to_20_a_second_and_its_last_word_is_obeyed(broker, publishers):
    moments: list[float] = []
    publisher = publishers(broker.url, on_enabled=lambda on: (moments.append(time.monotonic()), publisher.enabled(on)))
    connected(publisher).enabled(True)
    with listening(broker.port, topic="edge-emotion/desk/enabled/state") as listener:
        for number in range(2001):
            listener._client.publish(publisher.topics.enabled_set, ("OFF", "ON")[number % 2], qos=0)
        until(lambda: sum(counted(publisher)["ignored"].values()) + counted(publisher)["executed"] == 2001, "all came")
        time.sleep(0.3)
        assert listener.on("enabled/state")[-1].payload == "OFF"
    assert counted(publisher)["executed"] == len(moments)
    assert counted(publisher)["ignored"]["too_many"] > 1900
    for early, late in zip(moments, moments[PER_SECOND:], strict=False):
        assert late - early > 0.9


def test_a_switch_that_takes_long_holds_up_nothing_that_is_published(broker, publishers):
    held = threading.Event()
    publisher = connected(publishers(broker.url, on_enabled=lambda _on: held.wait(20)))
    with listening(broker.port) as listener:
        listener.publish(publisher.topics.enabled_set, "OFF")
        publisher.event({"type": "meanwhile"})
        publisher.result(records.message())
        listener.wait_for("event")
        listener.wait_for("emotion")
        assert counted(publisher)["executed"] == 0
        held.set()
        until(lambda: counted(publisher)["executed"] == 1, "the command is done")


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


def test_one_that_is_kept_while_we_listen_is_ignored_and_counted_and_an_older_one_is_not_even_sent(broker, publishers):
    switch, topic = Switch(), "edge-emotion/desk/enabled/set"
    with listening(broker.port, topic="edge-emotion/desk/available") as listener:
        listener.publish(topic, "OFF", retain=True)
        publisher = connected(publishers(broker.url, on_enabled=switch))
        listener.wait_for("available", "online")
        listener.publish(topic, "OFF", retain=True)
        listener.publish(topic, "the last one")
        until(lambda: counted(publisher)["ignored"]["not_understood"] == 1, "all have come")
    assert counted(publisher)["ignored"]["retained"] == 1
    assert switch.heard == []
