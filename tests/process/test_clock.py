"""The real daemon under a wall clock that is wrong, or is set while it runs, and on a machine that has just booted."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
import sys
import time

import pytest

from tests.broker import HOST, Mosquitto, free_port
from tests.certificates import Authority
from tests.process.command import Running
from tests.wall_clock import WallClock

pytestmark = pytest.mark.timeout(180)
HOUR_S = 3600
TICK_NS = 200_000_000


@pytest.fixture(autouse=True)
def full_pace(monkeypatch):
    """A busy machine must not slow down what is measured here."""
    monkeypatch.setenv("EDGE_EMOTION_LOAD__ADAPT", "false")


@pytest.fixture
def wall(tmp_path):
    return WallClock(tmp_path)


@pytest.fixture
def words(demo_clip_path):
    clip = str(demo_clip_path)
    return ["--camera", clip, "--mic", "none", "--loop", "--json"]


def at_s(message):
    return dt.datetime.fromisoformat(message["time"].replace("Z", "+00:00")).timestamp()


def assert_every_tick(results):
    seqs, moments_ns = [one["seq"] for one in results], [one["t_ns"] for one in results]
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
    assert [after - before for before, after in zip(moments_ns, moments_ns[1:], strict=False)] == [TICK_NS] * (
        len(results) - 1
    )


def test_a_wall_clock_that_is_set_an_hour_ahead_and_back_moves_no_tick(wall, words):
    with Running(*words, "--broker", "none", environ=wall.environ) as running:
        told = [(0, running.wait_for_results(3)[-1])]
        for shift_s in (HOUR_S, -HOUR_S, 0):
            wall.shift(shift_s)
            told.append((shift_s, running.wait_for_results(3)[-1]))
        done = running.end()
    done.assert_no_traceback()
    assert_every_tick(done.results)
    for shift_s, message in told:
        monotonic_off_s = at_s(message) - shift_s - message["t_ns"] / 1e9
        assert monotonic_off_s == pytest.approx(time.time() - time.monotonic(), abs=1.0), "and `time` is what it says"
    assert all(one["window"]["latency_ms"]["newest"] < 10_000 for one in done.results if one["faces"])
    assert "starting afresh" not in done.err
    assert "stamps" not in done.err


def test_a_board_that_wakes_in_1970_says_that_its_clock_is_wrong_until_it_is_set(wall, words):
    wall.set(0)
    with Running(*words, "--broker", "none", environ=wall.environ) as running:
        first = running.wait_for_results(3)
        wall.shift(0)
        running.wait_for_results(1)
        last = running.wait_for_results(2)
        done = running.end()
    done.assert_no_traceback()
    assert {one["clock_synced"] for one in first} == {False}
    assert first[-1]["time"].startswith("1970-01-01T00:00")
    assert all(one["window"]["start"].startswith(("1970-01-01", "1969-12-31")) for one in first)
    assert at_s(last[-1]) == pytest.approx(time.time(), abs=30)
    assert_every_tick(done.results)


def test_a_board_of_1970_tells_that_its_clock_keeps_it_from_a_broker_and_connects_once_it_is_set(wall, words, tmp_path):
    authority = Authority(tmp_path)
    shown, port = authority.issue("broker"), free_port()
    door = f"listener {port} {HOST}\ncertfile {shown.cert}\nkeyfile {shown.key}"
    environ = {**wall.environ, "EDGE_EMOTION_MQTT__CA_FILE": str(authority.own.cert)}
    wall.set(0)
    with Mosquitto(tmp_path, door), Running(*words, "--broker", f"mqtts://{HOST}:{port}", environ=environ) as running:
        running.wait_for("not valid yet; set this machine's clock")
        wall.shift(0)
        running.wait_for("connected to mqtts://")
        done = running.end()
    done.assert_no_traceback()
    assert sum("not valid yet" in line for line in done.err.splitlines()) == 1
    assert_every_tick(done.results)


def test_a_machine_that_has_just_booted_counts_from_nothing(words):
    offset_s = -int(time.monotonic()) + 1
    inside = ["unshare", "--time", "--fork", "--kill-child", f"--monotonic={offset_s}", f"--boottime={offset_s}"]
    if shutil.which("unshare") is None or subprocess.run([*inside, "true"], capture_output=True).returncode != 0:
        pytest.skip("no time namespace: unshare --time needs the rights of root")
    command = [*inside, sys.executable, "-m", "edge.cli", *words, "--broker", "none", "--duration", "2"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert_every_tick(results)
    assert 0 < results[0]["t_ns"] < 60 * 1_000_000_000
    assert at_s(results[-1]) == pytest.approx(time.time(), abs=30)
    assert results[-1]["faces"]
