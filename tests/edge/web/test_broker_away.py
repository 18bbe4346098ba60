"""A broker that is not there, comes, goes and comes back."""

from __future__ import annotations

import pytest

from tests.broker import Mosquitto, listening, until
from tests.edge.web.served import LiveClient, Served

pytestmark = pytest.mark.timeout(120)


def test_a_broker_that_goes_and_comes_back_is_told_and_outlived(tmp_path):
    broker = Mosquitto(tmp_path)
    with Served("--broker", broker.url, "--device-id", "desk") as served:
        health = served.until_healthy("no broker")
        assert served.ask("/healthz").status == 503
        until(lambda: served.health()["broker"]["state"] == "unreachable", "the diagnosis")
        assert "Connection refused" in served.health()["broker"]["reason"]
        with broker, LiveClient(served.port) as client:
            served.until_healthy("waiting")
            client.wait_for("link", {"state": "connected", "reason": f"connected to {broker.url} (MQTT 5)"})
            with listening(broker.port) as somebody:
                somebody.publish("edge-emotion/desk/available", "online", retain=True)
            served.until_healthy("ok")
            broker.stop()
            health = served.until_healthy("no broker")
            assert health["broker"]["reason"], "in a sentence"
            until(lambda: client.of("link")[-1]["state"] != "connected", "the link")
            broker.start()
            served.until_healthy("waiting")  # it has forgotten, and so have we
            assert served.health()["device"]["available"] is None
            assert not client.ended.is_set()
        assert served.end().code == 0
