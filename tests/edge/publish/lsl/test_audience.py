from __future__ import annotations

import io

import pytest

from edge.audience import Audience
from edge.config import Settings
from edge.publish.message import RunIdentity
from tests.edge.publish import records
from tests.lsl import Inlet

pytestmark = pytest.mark.timeout(120)
DEVICE = "desk-of-the-audience"


@pytest.fixture
def audience(lsl_config, monkeypatch):
    monkeypatch.setattr("sys.stdout", io.StringIO())
    made = Audience(
        Settings(lsl=True, broker="none", device_id=DEVICE), RunIdentity(DEVICE, "k3f9q2"), lambda _on: None
    )
    made.start()
    yield made
    made.stop()


def window(seconds: int):
    t_ns = seconds * records.SECOND
    return records.result(end_ns=t_ns, voice=records.silence()), t_ns


def test_events_go_out_and_the_switch_ends_with_who_left(audience, lsl_config):
    with (
        Inlet(f"edge-emotion-{DEVICE}-results", lsl_config) as results,
        Inlet(f"edge-emotion-{DEVICE}-events", lsl_config) as events,
    ):
        results.described()
        events.described()
        audience.result(*window(100))
        assert [values for _, values in events.wait_for(2)] == [["face_in/3"], ["change/none/happy"]]
        audience.enabled(False)
        assert [values for _, values in events.wait_for(4)[2:]] == [["face_out/3"], ["change/happy/none"]]
        audience.result(*window(101))
        audience.enabled(True)
        audience.result(*window(102))
        assert [stamp for stamp, _ in results.wait_for(2)] == [100.0, 102.0]
        assert events.wait_for(5)[4] == (102.0, ["face_in/3"])
