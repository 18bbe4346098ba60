"""The real daemon, and a broker that is not there, goes and comes, or stands still."""

from __future__ import annotations

import time

import pytest

from tests.bench.scene import FRESH_S, age_s, results
from tests.broker import listening, until
from tests.mqtt_bench.broker_log import CAME, PATIENCE_S, BrokerLog

pytestmark = pytest.mark.timeout(300)
RETAINED = {"available", "state", "enabled/state", "status/video", "status/audio", "status/engine"}


def test_a_broker_that_comes_late_is_found(scene):
    broker = scene.broker()
    with scene.daemon(broker.url) as daemon:
        daemon.wait_for_results(5)
        with broker, listening(broker.port) as listener:
            listener.wait_for("emotion")
            listener.wait_for("available", "online")
            assert age_s(listener.on("emotion")[0]) < FRESH_S
            done = daemon.end()
    assert done.code == 0
    done.assert_no_traceback()


def test_each_time_that_the_broker_is_back_all_of_it_is_told_again(scene):
    with scene.broker() as broker, scene.daemon(broker.url) as daemon:
        log = BrokerLog(broker)
        for _ in range(5):
            assert log.wait_for(CAME, PATIENCE_S), "the daemon connects"
            broker.stop()
            log.skip()
            broker.start()
        with listening(broker.port) as listener:
            until(
                lambda: {one.topic.split("/", 2)[2] for one in list(listener.heard)} >= RETAINED, "all that is retained"
            )
            assert listener.on("available")[-1].payload == "online"
            listener.wait_for("emotion")
            done = daemon.end()
            listener.wait_for("available", "stopped")
    assert done.code == 0
    assert "--device-id" not in done.err, "a restart is no fight between two of one name"


def test_what_waited_for_a_broker_that_stood_still_is_not_delivered_late(scene):
    with scene.broker() as broker, scene.daemon(broker.url) as daemon, results(broker.port) as listener:
        listener.wait_for("emotion")
        before, made = len(listener.heard), len(daemon.out)
        broker.stall()
        time.sleep(2 * FRESH_S)
        broker.resume()
        assert len(daemon.out) > made + 10, "results go on"
        until(lambda: any(age_s(one) < 1.0 for one in listener.heard[before + 3 :]), "results as they are made")
        assert max(age_s(one) for one in listener.heard) <= FRESH_S
        assert daemon.end().code == 0
