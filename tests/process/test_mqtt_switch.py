"""The privacy switch over MQTT, and what the process holds of real devices."""

from __future__ import annotations

import pytest

from tests.broker import listening
from tests.microphone import needs_virtual_microphone
from tests.mqtt_bench.privacy import live, turned

pytestmark = pytest.mark.timeout(300)


def test_off_lets_go_of_camera_and_microphone_and_on_takes_them_back(scene):
    needs_virtual_microphone()
    with scene.broker() as broker, listening(broker.port) as listener, live(scene, broker.url) as (daemon, devices):
        listener.wait_for("status/audio", "online")
        listener.wait_for("status/video", "online")
        while_off = []
        for _ in range(2):
            turned(listener, devices, "OFF")
            assert not devices.camera_held
            assert not devices.microphone_held
            while_off.append(devices.descriptors)
            turned(listener, devices, "ON")
        assert while_off[1] <= while_off[0], "each time as many descriptors are let go"
        assert daemon.end().code == 0
