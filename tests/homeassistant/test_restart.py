"""A Home Assistant that starts when the broker has lost the announcement."""

from __future__ import annotations

import pytest

from edge.cli import main
from edge.publish.homeassistant.announcer import Announcer
from edge.publish.homeassistant.birth import Birth
from edge.publish.homeassistant.discovery import announcement
from edge.publish.message import RunIdentity
from edge.publish.mqtt.broker_url import parse_broker
from edge.publish.mqtt.publisher import MqttPublisher
from tests.broker import until
from tests.homeassistant.home import Home

pytestmark = pytest.mark.timeout(400)  # the environment may have to be made first


def test_its_birth_makes_the_device_tell_again(python, broker, tmp_path):
    announcer = Announcer(announcement("desk", absent=["audio"]), Birth(lambda: 0.0))
    device = MqttPublisher(parse_broker(broker.url), RunIdentity("desk", "k3f9q2"), announcer=announcer)
    device.start()
    try:
        until(lambda: device.connected, "connected")
        assert main(["remove-discovery", "--broker", broker.url, "--device-id", "desk"]) == 0
        with Home(python, tmp_path, broker.port) as home:
            until(lambda: "sensor.desk_emotion" in home.ask("entities"), "the emotion")
            assert "sensor.desk_voice_emotion" not in home.ask("entities")
            assert [line for line in home.ask("warnings") if "mqtt" in line] == []
    finally:
        device.stop()
