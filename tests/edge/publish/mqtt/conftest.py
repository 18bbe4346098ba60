from __future__ import annotations

import pytest

from edge.config import MqttSettings
from edge.publish.mqtt.broker_url import BrokerAddress, parse_broker
from edge.publish.mqtt.publisher import MqttPublisher
from tests.broker import Mosquitto
from tests.edge.publish import records


@pytest.fixture
def broker(tmp_path):
    with Mosquitto(tmp_path) as running:
        yield running


@pytest.fixture
def publishers():
    """Makes publishers and stops them all at the end."""
    made = []

    def make(url: str, settings: MqttSettings | None = None, **keywords) -> MqttPublisher:
        address = url if isinstance(url, BrokerAddress) else parse_broker(url)
        made.append(MqttPublisher(address, records.IDENTITY, settings, **keywords))
        made[-1].start()
        return made[-1]

    yield make
    for publisher in made:
        publisher.stop()
