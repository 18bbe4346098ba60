from __future__ import annotations

import pytest

from tests.broker import until
from tests.edge.publish.mqtt.device import connected

pytestmark = pytest.mark.timeout(120)


def test_a_second_device_of_the_same_name_is_told_apart_in_the_log(broker, publishers, caplog):
    connected(publishers(broker.url))
    connected(publishers(broker.url))
    until(lambda: "another --device-id" in caplog.text, "the log says so")
