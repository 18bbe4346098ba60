from __future__ import annotations

import pytest

pytest.importorskip("fastapi", reason="the extra `web` is not installed")
pytest.importorskip("uvicorn", reason="the extra `web` is not installed")

from edge.publish.mqtt.broker_url import parse_broker
from edge.publish.mqtt.publisher import MqttPublisher
from tests.broker import Mosquitto
from tests.edge.publish import records
from tests.edge.publish.mqtt.device import connected, everything
from tests.edge.web.served import Served


@pytest.fixture(scope="module")
def lasting_broker(tmp_path_factory):
    """One for a whole file."""
    with Mosquitto(tmp_path_factory.mktemp("broker")) as running:
        yield running


@pytest.fixture(scope="module")
def served(lasting_broker):
    """The process on that broker, reading the device `desk`, which is not there yet."""
    with Served("--broker", lasting_broker.url, "--device-id", "desk") as running:
        running.until_healthy("waiting")
        yield running


@pytest.fixture
def device(lasting_broker):
    """Our own publisher as `desk`, with something said on every retained topic."""
    publisher = MqttPublisher(parse_broker(lasting_broker.url), records.IDENTITY)
    publisher.start()
    everything(connected(publisher))
    yield publisher
    publisher.stop()
