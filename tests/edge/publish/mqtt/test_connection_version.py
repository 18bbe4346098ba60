"""MQTT 5 first, 3.1.1 where there is nothing else, and the way back."""

from __future__ import annotations

import pytest

from edge.publish.mqtt import version
from edge.publish.mqtt.embedded import EmbeddedBroker
from tests.broker import HOST, Mosquitto, free_port, listening, until
from tests.edge.publish import records
from tests.edge.publish.mqtt.scripted import CONNACK_3, CONNACK_5, UNSUPPORTED_3, UNSUPPORTED_5, Scripted
from tests.edge.publish.mqtt.tended import Hasty, lines, warnings

pytestmark = pytest.mark.timeout(60)


def test_falls_back_to_mqtt_3_when_the_broker_speaks_nothing_else(publishers):
    broker = EmbeddedBroker(free_port(), prefer_mosquitto=False)
    broker.start()
    try:
        with listening(broker.port, mqtt5=False) as listener:
            publisher = publishers(broker.url)  # the URL does not tell
            listener.wait_for("available", "online")
            publisher.result(records.message())
            assert listener.wait_for("emotion").json()["seq"] == 128
            publisher.stop()
            listener.wait_for("available", "stopped")
    finally:
        broker.stop()


@pytest.mark.parametrize("refusal", [UNSUPPORTED_3, UNSUPPORTED_5, None], ids=["code 1", "code 132", "hangs up"])
def test_a_refusal_of_mqtt_5_is_believed_at_once_and_is_no_news(refusal, connections, caplog):
    with Scripted(lambda level: refusal if level == 5 else CONNACK_3) as server:
        tended = connections(server.url).connected()
        assert server.levels == [5, 4]
        assert not tended.connection.mqtt5
    assert [line for line in warnings(caplog) if "lost" not in line] == []


def test_a_broker_that_refuses_3_1_1_later_is_spoken_to_in_5(connections):
    """It was replaced by one that speaks nothing older."""
    taken = {5: UNSUPPORTED_5, 4: CONNACK_3}
    with Scripted(lambda level: taken[level]) as server:
        tended = connections(server.url, back_off=Hasty()).connected()
        taken.update({5: CONNACK_5, 4: UNSUPPORTED_3})
        server.cut()
        until(lambda: tended.connection.mqtt5 and tended.connection.connected, "connected with 5")


def test_a_broker_that_learnt_mqtt_5_meanwhile_gets_it_after_a_loss(tmp_path, connections, monkeypatch):
    monkeypatch.setattr(version, "TRY_5_AGAIN_S", 0.0)
    old = EmbeddedBroker(free_port(), prefer_mosquitto=False)
    old.start()
    new = Mosquitto(tmp_path, f"listener {old.port} {HOST}")
    try:
        tended = connections(old.url, back_off=Hasty()).connected()
        assert not tended.connection.mqtt5
    finally:
        old.stop()
    with new:
        until(lambda: tended.connection.mqtt5 and tended.connection.connected, "connected with 5")


def test_one_that_speaks_neither_is_one_line_and_is_not_hammered(connections, caplog):
    with Scripted(lambda level: UNSUPPORTED_5 if level == 5 else UNSUPPORTED_3) as server:
        back_off = Hasty()
        tended = connections(server.url, back_off=back_off)
        assert "speaks neither MQTT 5 nor 3.1.1; give another broker" in tended.in_state("refused")
        until(lambda: back_off.asked >= 4, "more tries")
        assert len(server.levels) <= 2 * back_off.asked + 2
    assert len(lines(caplog)) == 1, lines(caplog)
