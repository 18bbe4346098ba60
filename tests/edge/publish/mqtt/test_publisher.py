from __future__ import annotations

import logging

import pytest
from jsonschema import Draft202012Validator

from edge.publish.schema import load_schema
from tests.broker import Mosquitto, listening, until
from tests.edge.publish import records
from tests.edge.publish.mqtt.device import DETAIL, connected, everything

pytestmark = pytest.mark.timeout(120)


def test_topics_qos_retain_and_expiry(broker, publishers):
    with listening(broker.port) as listener:
        publisher = connected(publishers(broker.url))
        everything(publisher)
        publisher.event({"type": "face_in", "track": 3})
        publisher.result(records.message())
        heard = {name: listener.wait_for(name) for name in ("available", "emotion", "desk/state", "event", "stats")}
        heard["video"] = listener.wait_for("status/video")
        heard["detail"] = listener.wait_for("status/video/detail")
        heard["enabled"] = listener.wait_for("enabled/state")
    qos = {name: (one.qos, one.retain, one.expiry_s) for name, one in heard.items()}
    assert qos == {
        "available": (1, True, None),
        "emotion": (0, False, 2),
        "desk/state": (1, True, None),
        "event": (1, False, None),
        "stats": (0, True, None),
        "video": (1, True, None),
        "detail": (1, True, None),
        "enabled": (1, True, None),
    }
    assert all(one.topic.startswith("edge-emotion/desk/") for one in heard.values())
    assert (heard["available"].payload, heard["video"].payload, heard["enabled"].payload) == ("online", "online", "ON")
    assert heard["detail"].json() == DETAIL
    assert heard["stats"].json()["audio_dBFS"] is None


def test_every_emotion_message_arrives_valid_and_in_order(broker, publishers):
    schema = Draft202012Validator(load_schema())
    with listening(broker.port) as listener:
        publisher = connected(publishers(broker.url))
        for seq in range(20):
            publisher.result(records.message([] if seq % 3 == 0 else None, seq=seq))
            until(lambda count=seq + 1: len(listener.on("emotion")) == count, f"message {seq}")
        messages = [one.json() for one in listener.on("emotion")]
    assert [message["seq"] for message in messages] == list(range(20))
    for message in messages:
        schema.validate(message)


def test_a_text_that_is_not_unicode_and_a_failure_are_told_without_a_traceback(broker, publishers, caplog):
    with listening(broker.port) as listener, caplog.at_level(logging.INFO):
        publisher = connected(publishers(broker.url))
        publisher.status("video", "online", {"reason": None, "source": "\udcff\udcfe.mp4", "\ud800": 1})
        assert listener.wait_for("status/video/detail").json() == {"reason": None, "source": "??.mp4", "?": 1}
        publisher._connection.send = None  # a fault that nothing from outside can make
        for lost in range(1, 4):
            publisher.result(records.message())
            until(lambda lost=lost: publisher.counts()["queue_drops"]["emotion"] == lost, "it is counted")
        del publisher._connection.send
    assert caplog.text.count("publishing failed") == 1
    assert "Traceback" not in caplog.text


def test_a_result_that_a_connection_does_not_take_is_lost_and_not_sent(broker, publishers):
    publisher = connected(publishers(broker.url))
    until(lambda: publisher.counts()["mqtt"]["sent"], "the greeting is on its way")  # nothing waits before it either
    until(lambda: not publisher.counts()["mqtt"]["waiting"], "the greeting has left")
    before = publisher.counts()["mqtt"]["sent"]
    publisher._connection.send = lambda _: None  # as one that has ended in this moment
    publisher.result(records.message())
    until(lambda: publisher.counts()["queue_drops"]["emotion"] == 1, "it is counted")
    assert publisher.counts()["mqtt"]["sent"] == before
    del publisher._connection.send


def test_a_message_that_the_broker_refuses_is_counted_and_told_once(tmp_path, publishers, caplog):
    (tmp_path / "acl").write_text("topic readwrite edge-emotion/desk/available\ntopic read #\n")
    with Mosquitto(tmp_path, f"acl_file {tmp_path}/acl") as broker, caplog.at_level(logging.INFO):
        publisher = connected(publishers(broker.url))
        publisher.event({"number": 1})
        publisher.event({"number": 2})
        until(lambda: publisher.counts()["mqtt"]["refused"] == 2, "both are counted")
        publisher.stop()
    assert caplog.text.count("allow this login to write its topics") == 1
