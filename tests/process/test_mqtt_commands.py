"""The real daemon under commands that nobody should send."""

from __future__ import annotations

import pytest

from tests.bench.scene import DEVICE, gaps, results
from tests.broker import listening
from tests.mqtt_bench.commands import TOPIC, obeyed_s
from tests.mqtt_bench.flooder import flood
from tests.mqtt_bench.wishes import fuzzed

pytestmark = pytest.mark.timeout(300)


def test_a_flood_costs_no_tick_and_the_next_command_is_obeyed(scene):
    with scene.broker() as broker, scene.daemon(broker.url) as daemon, results(broker.port) as listener:
        listener.wait_for("emotion")
        daemon.wait_for_results(10)
        made, told = len(daemon.out), len(listener.heard)
        assert flood(broker.port, TOPIC, 10_000, 2.0) > 10_000
        seqs = [one["seq"] for one in daemon.wait_for_results(5)]
        assert len(listener.heard) > told + (len(daemon.out) - made) / 2, "results are delivered meanwhile"
        obeyed_s(broker.port)
        done = daemon.end()
    assert gaps(seqs) == []
    assert done.code == 0


def test_commands_made_by_chance_change_nothing(scene):
    own = f"edge-emotion/{DEVICE}/enabled/state"
    with scene.broker() as broker, scene.daemon(broker.url) as daemon, listening(broker.port, topic=own) as listener:
        listener.wait_for("enabled/state", "ON")
        for wish in fuzzed(scene.chance, 400):
            listener.publish(TOPIC, wish, retain=scene.chance.random() < 0.1)
        daemon.wait_for_results(5)
        assert [one.payload for one in listener.heard] == ["ON"]
        obeyed_s(broker.port)
        done = daemon.end()
    assert done.code == 0
    done.assert_no_traceback()
