from __future__ import annotations

import pytest

from edge.config import MqttSettings
from edge.publish.mqtt.broker_url import BrokerAddress, parse_broker
from edge.publish.mqtt.publisher import MqttPublisher
from tests.edge.publish import records
from tests.edge.publish.mqtt.line import Line
from tests.edge.publish.mqtt.tended import Tended


@pytest.fixture
def line(broker):
    """A network to the broker that a test holds up and cuts."""
    with Line(broker.port) as made:
        yield made


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


@pytest.fixture
def connections():
    """Makes connections that are tended, and stops them all at the end."""
    made: list[Tended] = []

    def make(url, *arguments, **keywords) -> Tended:
        made.append(Tended(url, *arguments, **keywords))
        return made[-1].start()

    yield make
    for tended in made:
        tended.stop()
