from __future__ import annotations

import pytest

pytest.importorskip("fastapi", reason="the extra `web` is not installed")
pytest.importorskip("uvicorn", reason="the extra `web` is not installed")

from tests.broker import Mosquitto
from tests.edge.web.served import Served


@pytest.fixture(scope="module")
def lasting_broker(tmp_path_factory):
    """One for a whole file."""
    with Mosquitto(tmp_path_factory.mktemp("broker")) as running:
        yield running


@pytest.fixture(scope="module")
def served(lasting_broker):
    """The process on that broker, reading the device `desk`."""
    with Served("--broker", lasting_broker.url, "--device-id", "desk") as running:
        until_connected(running)
        yield running


def until_connected(running):
    running.until_healthy("waiting")
