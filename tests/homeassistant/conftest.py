"""Home Assistant's Python and a broker, for each file of tests."""

from __future__ import annotations

import pytest

from tests.broker import Mosquitto
from tests.homeassistant.home import python_or_skip


@pytest.fixture(scope="module")
def python():
    """Home Assistant's Python; the first to ask has it made."""
    return python_or_skip()


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    with Mosquitto(tmp_path_factory.mktemp("broker")) as broker:
        yield broker
