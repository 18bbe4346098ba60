"""The real daemon on a board that is hot, by a made-up folder of thermal zones."""

from __future__ import annotations

import pytest

from tests.broker import Mosquitto, listening, until
from tests.process.command import Running
from tests.thermal import ThermalTree

pytestmark = pytest.mark.timeout(180)


def test_a_hot_board_gets_half_of_the_work_and_says_so(demo_clip_path, tmp_path):
    tree = ThermalTree(tmp_path / "thermal")
    tree.zone(0, "PMIC-Die", 100.0)
    tree.zone(1, "cpu-thermal", 95.0, passive=99.0, critical=104.5)
    environ = {"STATE_DIRECTORY": str(tmp_path / "state"), "EDGE_EMOTION_LOAD__THERMAL_PATH": str(tree.path)}
    with Mosquitto(tmp_path) as broker, listening(broker.port) as heard:
        words = ["--camera", demo_clip_path, "--mic", demo_clip_path, "--loop", "--broker", broker.url, "--json"]
        with Running(*words, "--device-id", "desk", environ=environ) as running:
            running.wait_for("engine is degraded")
            until(lambda: heard.on("stats")[-1].json()["pace"]["level"] == "half", "stats say so too")
            done = running.end()
        statuses = [one.payload for one in heard.on("status/engine")]
        reasons = [one.json()["reason"] for one in heard.on("status/engine/detail")]
        stats = [one.json() for one in heard.on("stats")]
    said = "engine is degraded: the board is hot (cpu-thermal 95 °C): every other picture is looked at"
    assert sum(said in line for line in done.err.splitlines()) == 1, done.err
    assert statuses[:2] == ["online", "degraded"]
    assert said.endswith(str(reasons[1]))
    assert stats[0]["temperature_c"] == 95.0
    assert stats[-1]["pace"]["reason"] == "hot"
    assert (stats[-1]["pace"]["tick_ms"], stats[-1]["pace"]["hot_from_c"]) == (200, 94.0)
    seqs = [one["seq"] for one in done.results]
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
