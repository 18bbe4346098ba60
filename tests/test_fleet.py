"""The fleet simulation counts what it should: nothing lost when nothing is, and a made loss where it was made."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import aiomqtt
import jsonschema
import pytest

from edge.publish.schema import load_schema
from tests.broker import mosquitto_path
from tests.fleet import run
from tests.fleet.page import tables
from tests.fleet.run import Plan, arrivals, simulate
from tests.fleet.scene import stats_example
from tests.fleet.script import SEQ, T_NS, script, stamp
from tests.fleet.tally import Tally, lost

SMALL = Plan(devices=5, seconds=1.0, rate_hz=10.0, storm=False)
LOSER = "device-0002"


def result(seq: int, device: str = "device-0001", t_ns: int = 0) -> tuple[str, bytes]:
    payload = {"device": device, "seq": seq, "t_ns": t_ns}
    return f"edge-emotion/{device}/emotion", json.dumps(payload).encode()


def test_five_devices_lose_nothing_and_all_come_back_after_a_restart(monkeypatch):
    monkeypatch.setattr(run, "OUTAGE_S", 0.2)
    passed = []
    report = simulate(Plan(devices=5, seconds=2.0, qos=1), passed.append)
    assert (report["lost_results"], report["lost_others"]) == (0, {})
    assert report["sent"]["emotion"] > 5
    assert report["sent"]["available"] == 5
    assert report["sent"]["state"] >= 5
    assert report["latency_ms"]["p50"] > 0.0
    assert report["broker"]["rss_mb"] > 0.0
    assert report["after_restart"]["max"] >= report["after_restart"]["p50"] > 0.0
    assert passed == sorted(passed)
    assert passed[-1] == 2.0


def test_a_loss_is_found_at_the_device_that_made_it(monkeypatch):
    mosquitto_path()
    real, swallowed = aiomqtt.Client.publish, []

    async def publish(self, topic, *arguments):
        if topic == f"edge-emotion/{LOSER}/emotion" and len(swallowed) < 3:
            swallowed.append(topic)
        else:
            await real(self, topic, *arguments)

    monkeypatch.setattr(aiomqtt.Client, "publish", publish)
    report = simulate(SMALL, lambda _: None)
    assert report["lost_results_by_device"] == {LOSER: 3}
    assert report["lost_results"] == 3
    assert "| 3 of" in tables(report)[0].markdown()


def test_the_command_ends_with_one_line_of_json():
    mosquitto_path()
    words = ["--devices", "2", "--seconds", "1", "--no-storm", "--json"]
    environ = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "tests.fleet", *words]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, cwd=Path(__file__).parents[1])
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["devices"] == 2


def test_a_tally_knows_repeated_reordered_and_missing_results():
    tally = Tally()
    for seq in (0, 1, 3, 2, 3):
        tally.take(*result(seq, t_ns=1_000_000), received_ns=3_000_000)
    tally.take(*result(7, "device-0009"), received_ns=2_000_000)
    report = tally.report()
    assert (report["repeated"], report["reordered"]) == (1, 1)
    assert report["results"] == {"device-0001": 4, "device-0009": 1}
    assert report["latency_ms"]["p50"] == 2.0
    assert lost({"device-0001": 4, "device-0009": 3, "device-0010": 2}, report["results"]) == {
        "device-0009": 2,
        "device-0010": 2,
    }


def test_what_devices_say_is_valid_and_of_a_real_size():
    moments = script(3, rate_hz=5.0)
    states = [moment.state for moment in moments if moment.state]
    events = [event for moment in moments for event in moment.events]
    for topic, payloads in (("emotion", [one.result for one in moments]), ("state", states), ("event", events)):
        schema = jsonschema.Draft202012Validator(load_schema(topic))
        assert payloads
        for payload in payloads:
            schema.validate(json.loads(payload))
    assert all(900 < len(moment.result) < 2500 for moment in moments)
    assert len(states) < len(moments) / 3
    jsonschema.validate(stats_example(), load_schema("stats"))


def test_a_stamp_changes_device_seq_and_time_alone():
    made = script(1, rate_hz=5.0)[4].result
    stamped = json.loads(stamp(made, "device-0042", 7, 99))
    before = json.loads(made)
    assert (before["seq"], before["t_ns"]) == (SEQ, T_NS)
    assert {**before, "device": "device-0042", "seq": 7, "t_ns": 99} == stamped


@pytest.mark.parametrize(("seconds", "peak"), [([0.0, 0.01, 0.02, 1.0], 30.0), ([0.0, 1.0, 2.0], 10.0)])
def test_a_storm_is_as_strong_as_its_worst_tenth_of_a_second(seconds, peak):
    assert arrivals(seconds)["peak_per_s"] == peak
    assert arrivals(seconds)["max"] == seconds[-1]
