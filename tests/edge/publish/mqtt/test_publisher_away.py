from __future__ import annotations

import time

import psutil
import pytest

from tests.broker import listening, until
from tests.edge.publish import records
from tests.edge.publish.mqtt.device import DETAIL, connected, everything

pytestmark = pytest.mark.timeout(120)


def test_everything_retained_is_there_again_after_the_broker_forgot_it(broker, publishers):
    publisher = connected(publishers(broker.url))
    everything(publisher)
    broker.stop()
    until(lambda: not publisher.connected, "connection lost")
    publisher.status("audio", "online", {"reason": None})
    broker.start()
    with listening(broker.port) as listener:
        wanted = {"available": "online", "enabled/state": "ON", "status/video": "online", "status/audio": "online"}
        for suffix, payload in wanted.items():
            listener.wait_for(suffix, payload)
        assert listener.wait_for("desk/state").json()["emotion"] == "happy"
        assert listener.wait_for("stats").json()["camera_fps"] == 25.0
        assert listener.wait_for("status/video/detail").json() == DETAIL


def test_a_broker_that_reads_nothing_costs_no_memory_and_no_time(broker, publishers):
    publisher = connected(publishers(broker.url))
    broker.stall()
    try:
        big = {"padding": "x" * 100_000}
        started, used = time.monotonic(), psutil.Process().memory_info().rss
        for number in range(300):
            publisher.result({**records.message(), **big})
            publisher.event({"number": number, **big})
            time.sleep(0.001)
        assert psutil.Process().memory_info().rss - used < 25_000_000  # of 60 MB that were handed in
        publisher.stop()
        assert time.monotonic() - started < 10
        assert publisher.counts()["queue_drops"]["event"] >= 300 - 64 - 20 - 1
    finally:
        broker.resume()
