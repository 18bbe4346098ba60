"""The real daemon is asked to stop at odd moments."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.broker import listening
from tests.mqtt_bench.goodbye import AT_ONCE, stopped_at

pytestmark = pytest.mark.timeout(300)


def test_a_request_to_stop_at_any_moment_ends_with_stopped(scene):
    moments = [scene.chance.uniform(0.0, 1.0) for _ in range(5)]
    with scene.broker() as broker, listening(broker.port) as listener, ThreadPoolExecutor(AT_ONCE) as pool:
        ends = list(pool.map(lambda one: stopped_at(scene, broker, listener, *one), enumerate(moments)))
    assert [(end.code, end.last, end.complete) for end in ends] == [(0, "stopped", True)] * len(moments)
