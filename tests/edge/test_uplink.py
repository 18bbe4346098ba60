"""The MQTT of a run that goes on with another broker; on the real ones."""

from __future__ import annotations

import pytest

from edge.config import Settings
from edge.errors import ConfigError
from edge.uplink import Uplink
from tests.broker import listening, until
from tests.edge.publish import records


def settings(broker, **given):
    return Settings.model_validate({"broker": broker, "device_id": records.IDENTITY.device, **given})


@pytest.fixture
def uplink(broker):
    made = Uplink(settings(broker.url), records.IDENTITY, lambda _on: None)
    made.start()
    yield made
    made.stop()


def test_certificates_that_cannot_be_used_leave_the_old_broker(uplink, broker, tmp_path):
    ca_file = tmp_path / "ca.pem"
    ca_file.write_text("no certificate\n")
    until(lambda: uplink.link.state == "connected", "the first broker takes us")
    with pytest.raises(ConfigError, match=str(ca_file)):
        uplink.change(settings("mqtts://127.0.0.1", mqtt={"ca_file": str(ca_file)}))
    assert uplink.link.state == "connected"
    with listening(broker.port) as listener:
        uplink.status("video", "online", {"reason": None})
        listener.wait_for("status/video", "online")


def test_from_a_broker_to_none_and_back(uplink, broker):
    with listening(broker.port) as listener:
        listener.wait_for("available", "online")
        uplink.change(settings("none"))
        listener.wait_for("available", "stopped")
        assert not uplink.publishes
        assert uplink.link is None
        assert uplink.counts() is None
        uplink.enabled(False)
        uplink.status("audio", "degraded", {"reason": "nobody hears this now"})
        uplink.state({"emotion": None, "time": "later"})
        heard = len(listener.heard)
        uplink.change(settings(broker.url))
        assert uplink.publishes
        listener.wait_for("available", "online", after=heard)
        listener.wait_for("enabled/state", "OFF", after=heard)
        listener.wait_for("status/audio", "degraded", after=heard)
        assert listener.wait_for("desk/state", after=heard).json()["time"] == "later"


def test_the_embedded_broker_comes_and_goes_only_with_the_run():
    remote, embedded = settings("mqtt://127.0.0.1"), settings("embedded")
    assert Uplink(remote, records.IDENTITY, print).can_change(settings("none"))
    assert not Uplink(remote, records.IDENTITY, print).can_change(embedded)
    assert not Uplink(embedded, records.IDENTITY, print).can_change(remote)
