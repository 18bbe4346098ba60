"""Workers that share one subscription: what a real mosquitto hands to whom, as docs/fleet.md tells it."""

from __future__ import annotations

import json
import re
import subprocess
import time

import pytest

from tests.broker import Listener, listening, mosquitto_path, until

GROUP = "$share/workers/edge-emotion/+"
DEVICES = ("desk", "door", "hall")
EACH = 30
QUIET_S = 0.5


@pytest.fixture
def workers(broker):
    with (
        listening(broker.port, topic=f"{GROUP}/emotion") as one,
        listening(broker.port, topic=f"{GROUP}/emotion") as two,
    ):
        yield one, two


def publish(listener: Listener, seqs: range) -> None:
    for seq in seqs:
        for device in DEVICES:
            listener.publish(f"edge-emotion/{device}/emotion", json.dumps({"device": device, "seq": seq}))


def taken(worker: Listener) -> list[tuple[str, int]]:
    return [(one.json()["device"], one.json()["seq"]) for one in list(worker.heard)]


def test_each_result_goes_to_exactly_one_worker_and_none_is_missing(broker, workers):
    everything = sorted((device, seq) for device in DEVICES for seq in range(EACH))
    with listening(broker.port) as everybody:
        publish(everybody, range(EACH))
        until(lambda: sum(len(worker.heard) for worker in workers) >= len(everything), "all results")
        time.sleep(QUIET_S)
        assert sorted(taken(workers[0]) + taken(workers[1])) == everything
        assert sorted(taken(everybody)) == everything


def test_a_device_is_shared_out_too_so_each_worker_sees_its_results_in_order_with_gaps(broker, workers):
    with listening(broker.port) as everybody:
        publish(everybody, range(EACH))
        until(lambda: sum(len(worker.heard) for worker in workers) == EACH * len(DEVICES), "all results")
    for worker in workers:
        seqs = {device: [seq for name, seq in taken(worker) if name == device] for device in DEVICES}
        assert all(one == sorted(one) for one in seqs.values())
        assert all(0 < len(one) < EACH for one in seqs.values())


def test_a_worker_that_leaves_leaves_all_to_the_other(broker, workers):
    with listening(broker.port) as everybody:
        publish(everybody, range(5))
        until(lambda: sum(len(worker.heard) for worker in workers) == 5 * len(DEVICES), "results for both")
        before = len(workers[1].heard)
        workers[0].close()
        publish(everybody, range(5, 10))
        until(lambda: len(workers[1].heard) == before + 5 * len(DEVICES), "all the rest for the one that stays")


def _keeps_the_standard() -> bool:
    """MQTT 5, 3.3.1.3; mosquitto does since 2.0.13."""
    words = subprocess.run([mosquitto_path(), "-h"], capture_output=True, text=True).stdout
    version = re.search(r"mosquitto version (\d+)\.(\d+)\.(\d+)", words)
    return version is None or tuple(map(int, version.groups())) >= (2, 0, 13)


@pytest.mark.parametrize("mqtt5", [True, False])
def test_a_worker_that_comes_is_not_told_what_is_retained(broker, mqtt5):
    with listening(broker.port) as everybody:
        everybody.publish("edge-emotion/desk/state", "old", retain=True)
        with listening(broker.port, topic=f"{GROUP}/state", mqtt5=mqtt5) as worker:
            time.sleep(QUIET_S)
            everybody.publish("edge-emotion/desk/state", "new", retain=True)
            worker.wait_for("state", "new")
            told = [one.payload for one in worker.heard]
        with listening(broker.port, topic="edge-emotion/+/state", mqtt5=mqtt5) as alone:
            assert alone.wait_for("state").payload == "new"
    assert told == (["new"] if _keeps_the_standard() else ["old", "new"])
