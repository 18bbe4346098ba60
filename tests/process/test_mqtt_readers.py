"""What the real daemon says, read by three clients of other people's making."""

from __future__ import annotations

import shutil

import pytest

from tests.mqtt_bench.readers import readers

pytestmark = pytest.mark.timeout(300)


def test_mosquitto_sub_paho_and_aiomqtt_read_the_same(scene):
    pytest.importorskip("aiomqtt")
    if shutil.which("mosquitto_sub") is None:
        pytest.skip("mosquitto_sub is not installed (apt: mosquitto-clients)")
    row = readers(scene)
    assert row.met, row.measured
