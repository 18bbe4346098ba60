"""What a real publisher says to a real mosquitto, and subscribes to there, is what docs/asyncapi.yaml says."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.publish.homeassistant.announcer import Announcer
from edge.publish.homeassistant.discovery import announcement
from edge.publish.mqtt.broker_url import parse_broker
from edge.publish.mqtt.commands import read_command
from edge.publish.mqtt.publisher import MqttPublisher
from edge.publish.schema import load_schema
from edge.publish.state import StateFollower, blank_state
from tests.broker import Mosquitto, listening, until
from tests.description import Description
from tests.edge.publish import records

DESCRIPTION = Description()
SECOND = records.SECOND


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """The broker's own log of what the publisher asked for, and all that a subscriber heard."""
    folder = tmp_path_factory.mktemp("broker")
    extra = f"log_dest file {folder}/log\nlog_type all\nconnection_messages true"
    with Mosquitto(folder, extra) as broker, listening(broker.port, topic="#") as listener:
        announcer = Announcer(announcement("desk"))
        publisher = MqttPublisher(parse_broker(broker.url), records.IDENTITY, on_enabled=print, announcer=announcer)
        publisher.start()
        try:
            until(lambda: publisher.connected, "publisher connected")
            speak(publisher, listener)
            listener.publish("homeassistant/status", "online")
            listener.publish("edge-emotion/desk/enabled/set", "OFF")
        finally:
            publisher.stop()
        listener.wait_for("available", "stopped")
        yield (folder / "log").read_text(encoding="utf-8"), list(listener.heard)


def speak(publisher, listener) -> None:
    """Everything that a device may say, each kind of message at least once."""
    follower = StateFollower(records.IDENTITY)
    publisher.enabled(True)
    for stream, state in (("video", "online"), ("audio", "degraded"), ("engine", "offline"), ("video", "disabled")):
        publisher.status(stream, state, {"reason": None if state == "online" else "because", "stamp_kind": "driver"})
        listener.wait_for(f"status/{stream}", state)
    sad = records.face(4, judged=records.verdict("sad"))
    for at, message in enumerate([records.message(), records.message([sad]), records.message([], records.silence())]):
        publisher.result(message)
        until(lambda count=at + 1: len(listener.on("emotion")) == count, "a result")
        update = follower.step((100 + 10 * at) * SECOND, message)
        publisher.state(update.state or blank_state(records.IDENTITY, SECOND))
        for event in update.events:
            publisher.event(event)
    publisher.stats(load_schema("stats")["examples"][0])
    for topic in ("event", "desk/state", "stats", "enabled/state", "config"):
        listener.wait_for(topic)


def test_every_message_is_as_described_and_every_channel_was_used(log):
    _, heard = log
    said = {DESCRIPTION.check(one) for one in heard}
    assert said == set(DESCRIPTION.channels)
    types = {one.json()["type"] for one in heard if one.topic.endswith("/event")}
    assert types == set(load_schema("event")["properties"]["type"]["enum"])
    longest = DESCRIPTION.operation("emotion", "send")["bindings"]["mqtt"]["messageExpiryInterval"]
    assert max(one.expiry_s for one in heard if one.topic.endswith("/emotion")) == longest


def test_it_subscribes_to_what_it_receives_and_to_nothing_else(log):
    text, _ = log
    (client,) = set(re.findall(r"New client connected from \S+ as (ee-\w+)", text))
    asked = {(topic, int(qos)) for qos, topic in re.findall(rf"{client} (\d) (\S+)$", text, re.MULTILINE)}
    described = {
        (
            DESCRIPTION.channels[key]["address"].format(deviceId="desk"),
            DESCRIPTION.operation(key, "receive")["bindings"]["mqtt"]["qos"],
        )
        for key in DESCRIPTION.channels_to("receive")
    }
    assert asked == described


def test_it_logs_in_as_described(log):
    text, _ = log
    version, clean, keepalive_s = re.search(r" as ee-\w+ \(p(\d), c(\d), k(\d+)", text).groups()
    for server in DESCRIPTION.document["servers"].values():
        binding = DESCRIPTION.resolve(server["bindings"])["mqtt"]
        assert server["protocolVersion"] == version
        assert binding["cleanSession"] == (clean == "1")
        assert binding["keepAlive"] == int(keepalive_s)


@given(st.text(max_size=4) | st.sampled_from(["ON", "OFF", "on", "ON\n", '"ON"', "true"]))
def test_the_switch_obeys_what_the_schema_allows_and_nothing_else(text):
    obeyed = read_command(text.encode("utf-8", "surrogatepass"), retained=False) in {True, False}
    assert DESCRIPTION.is_valid("enabledSet", text) == (obeyed, obeyed)
