"""A simulated device is to a broker what a real one is."""

from __future__ import annotations

import asyncio

from edge.publish.mqtt.broker_url import parse_broker
from edge.publish.mqtt.login import client_id
from edge.publish.mqtt.publisher import MqttPublisher
from tests.broker import Listener, Mosquitto, listening, until
from tests.edge.publish import records
from tests.edge.publish.mqtt.device import connected, everything
from tests.fleet.device import Habits
from tests.fleet.fleet import Fleet
from tests.fleet.script import script

EVERYTHING = 12
RETAINED = 10


def manners(listener: Listener) -> dict[str, tuple[int, bool, int | None]]:
    """Quality of service, retain flag and expiry of each topic below the device's."""
    heard = list(listener.heard)
    return {one.topic.split("/", 2)[2]: (one.qos, one.retain, one.expiry_s) for one in heard}


def real(broker: Mosquitto) -> dict[str, tuple[int, bool, int | None]]:
    with listening(broker.port, topic="edge-emotion/desk/#") as listener:
        publisher = MqttPublisher(parse_broker(broker.url), records.IDENTITY)
        publisher.start()
        connected(publisher)
        everything(publisher)
        publisher.event({"type": "face_in", "track": 3})
        publisher.result(records.message())
        until(lambda: len(manners(listener)) == EVERYTHING, "all topics of a real device")
        publisher.stop()
        return manners(listener)


async def simulated(listener: Listener, broker: Mosquitto) -> None:
    fleet = Fleet(1, Habits(broker.port, rate_hz=5.0, qos=0, scripts=[script(0, 5.0)]))
    async with fleet.running():
        fleet.let(True)
        await asyncio.to_thread(until, lambda: len(manners(listener)) == EVERYTHING, "all topics of a simulated device")


def test_a_simulated_device_uses_the_topics_of_a_real_one_in_the_same_manner(broker):
    with listening(broker.port, topic="edge-emotion/device-0000/#") as listener:
        asyncio.run(asyncio.wait_for(simulated(listener, broker), 30.0))
        assert manners(listener) == real(broker)


def test_a_device_has_ten_topics_retained(broker):
    real(broker)
    with listening(broker.port) as latecomer:
        until(lambda: len(latecomer.heard) >= RETAINED, "what is retained")
        assert len({one.topic for one in latecomer.heard if one.retain}) == len(latecomer.heard) == RETAINED


def test_a_cluster_of_many_devices_knows_each_by_a_name_of_its_own():
    names = {client_id(f"device-{number}") for number in range(5_000)}
    assert len(names) == 5_000
    assert all(len(name.encode()) <= 23 for name in names)
