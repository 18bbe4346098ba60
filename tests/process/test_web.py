"""The real daemon on a clip, read by the real web process over a real broker."""

from __future__ import annotations

import time
from statistics import median

import pytest
from jsonschema import Draft202012Validator

from edge.config import set_enabled
from edge.publish.schema import load_schema
from tests.broker import until
from tests.process.command import Running

pytest.importorskip("fastapi", reason="the extra `web` is not installed")
from tests.edge.web.served import LiveClient, Served

pytestmark = pytest.mark.timeout(120)


def lateness_s(client):
    """Of each result, from its window's end to this client, on one clock."""
    timed = zip(client.heard, client.at, strict=False)  # the last may be coming in
    return [at_s - data["t_ns"] / 1e9 for (name, data), at_s in timed if name == "emotion"]


def test_results_of_a_clip_arrive_at_once_and_the_privacy_switch_is_told(broker, demo_clip_path):
    words = [
        "--camera",
        demo_clip_path,
        "--mic",
        demo_clip_path,
        "--loop",
        "--device-id",
        "desk",
        "--broker",
        broker.url,
    ]
    with Served("--broker", broker.url, "--device-id", "desk") as served, Running(*words, "--json") as daemon:
        with LiveClient(served.port) as client:
            until(lambda: len(client.of("emotion")) >= 10, f"results; {daemon.err}")
            schema = Draft202012Validator(load_schema())
            for message in client.of("emotion"):
                schema.validate(message)
            until(lambda: client.of("stats"), "the figures")
            assert 0 < median(lateness_s(client)) < 1.0
            health = served.health()
            assert health["status"] == "ok"
            assert (health["device"]["video"], health["device"]["audio"]) == ("online", "online")
            assert "edge_emotion_latency_seconds" in served.ask("/metrics").text
            set_enabled(False)
            client.wait_for("enabled/state", "OFF")
            until(lambda: served.health()["device"]["video"] == "disabled", "the camera is off")
            quiet = len(client.of("emotion"))
            time.sleep(1.0)
            assert len(client.of("emotion")) == quiet
        assert daemon.end().code == 0
        assert served.until_healthy("waiting")["device"]["available"] == "stopped"
        assert served.end().code == 0
