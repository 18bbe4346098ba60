"""The announcement at a real broker."""

from __future__ import annotations

import json

import pytest

from edge.audience import Audience
from edge.config import load_settings
from edge.publish.homeassistant.announcer import Announcer
from edge.publish.homeassistant.birth import Birth
from edge.publish.homeassistant.discovery import announcement, discovery_message
from edge.publish.mqtt.broker_url import parse_broker
from edge.publish.mqtt.publisher import MqttPublisher
from tests.broker import listening, until
from tests.edge.publish.records import IDENTITY

CONFIG = "config"


@pytest.fixture
def device(broker):
    announcer = Announcer(announcement("desk"), Birth(lambda: 0.0))
    device = MqttPublisher(parse_broker(broker.url), IDENTITY, announcer=announcer)
    yield device
    device.stop()


def test_it_is_announced_on_connect_and_kept_by_the_broker(broker, device):
    device.start()
    until(lambda: device.connected, "connected")
    with listening(broker.port, topic="homeassistant/#") as listener:
        heard = listener.wait_for(CONFIG)
        assert (heard.topic, heard.qos, heard.retain) == ("homeassistant/device/edge-emotion-desk/config", 1, True)
        assert json.loads(heard.payload) == discovery_message("desk")


def test_it_is_announced_again_to_a_broker_that_has_forgotten(broker, device):
    device.start()
    until(lambda: device.connected, "connected")
    broker.stop()
    broker.start()
    with listening(broker.port, topic="homeassistant/#") as listener:
        assert listener.wait_for(CONFIG).retain


@pytest.mark.parametrize("retain", [False, True])
def test_it_is_announced_again_when_home_assistant_is_born(broker, device, retain):
    device.start()
    with listening(broker.port, topic="homeassistant/#") as listener:
        listener.wait_for(CONFIG)
        before = len(listener.heard)
        listener.publish("homeassistant/status", "online", retain=retain)
        listener.wait_for(CONFIG, after=before)


@pytest.mark.parametrize("discovery", [True, False])
def test_the_run_announces_itself_when_the_settings_say_so(broker, discovery):
    flags = {"camera": "0", "mic": "none", "broker": broker.url, "device_id": "desk", "json": "true"}
    settings = load_settings({**flags, "homeassistant.discovery": str(discovery).lower()}, environ={})
    audience = Audience(settings, IDENTITY, print)
    audience.start()
    audience.status("audio", "disabled", {"reason": "none"})
    try:
        with listening(broker.port, topic="#") as listener:
            listener.wait_for("available", "online")
            listener.wait_for("detail")  # of the microphone, which is said last
            if discovery:
                listener.wait_for(CONFIG)  # retained messages come in the order of their topics
            assert [heard.json() for heard in listener.on(CONFIG)] == (
                [discovery_message("desk", ["audio"])] if discovery else []
            )
    finally:
        audience.stop()


def test_a_device_that_stops_stays_announced(broker, device):
    """It comes back; Home Assistant shows it as unavailable until then."""
    device.start()
    until(lambda: device.connected, "connected")
    device.stop()
    with listening(broker.port, topic="#") as listener:
        listener.wait_for("available", "stopped")
        assert listener.wait_for(CONFIG).payload
