import jsonschema
import pytest

from edge.config import LoadSettings
from edge.health import StreamHealth
from edge.pace import Pace
from edge.publish.schema import load_schema
from edge.stats import Stats
from tests.edge.rig import Rig, missed, normal
from tests.thermal import ThermalTree

pytestmark = pytest.mark.timeout(180)
MQTT = {
    "queue_drops": {"emotion": 3, "event": 1},
    "commands": {"executed": 2, "ignored": {"retained": 1, "too_many": 7}},
    "mqtt": {"connects": 2, "sent": 99, "refused": 0, "replaced": 4, "waiting": 0, "in_flight": 1},
}


def test_stats_tell_the_delay_in_use_and_what_was_left_out(demo_clip_path, student, tmp_path):
    tree = ThermalTree(tmp_path / "thermal")
    tree.zone(0, "gpu-thermal", 51.26)
    tree.zone(1, "cpu-thermal", 48.5, passive=70.0)
    with Rig(demo_clip_path, student) as rig:
        rig.until(normal)
        rig.judging.shut()
        rig.until(missed)
        rig.judging.open()
        rig.until(normal)
        rig.pipeline.aligner.video_arrival.closing_ms = 41.26
        healths = [StreamHealth(name, 30.0, lambda *_: None) for name in ("video", "audio")]
        healths[1].reconnected(rig.clock.now_ns())
        stats = Stats(rig.clock)
        pace = Pace(LoadSettings(thermal_path=tree.path))
        pace.step(rig.clock.now_ns(), rig.pipeline.ticks)
        message = stats.message(rig.pipeline, *healths, pace, MQTT)
        alone = stats.message(rig.pipeline, *healths, pace)
    for each in (message, alone):
        jsonschema.validate(each, load_schema("stats"))
    assert message["queue_drops"] == {**alone["queue_drops"], "emotion": 3, "event": 1}
    assert (message["commands"], message["mqtt"]) == (MQTT["commands"], MQTT["mqtt"])
    assert alone["queue_drops"] == {"video": 0, "audio": 0, "camera": 3, "microphone": 3}
    assert (alone["commands"], alone["mqtt"]) == (None, None)
    assert message["reconnects_last_hour"] == message["streams"]["video"]["reconnects_last_hour"] == 0
    assert message["streams"]["audio"]["reconnects_last_hour"] == 1
    assert message["arrival_ms"]["video"] == 41.3
    assert message["skips"]["overtaken"] >= 1
    assert message["skips"]["stamps"] == 0
    assert message["deadline_misses"] >= 1
    assert message["temperature_c"] == pytest.approx(51.3, abs=0.05)
    pace = message["pace"]
    assert (pace["level"], pace["hot_zone"], pace["hot_from_c"]) == ("full", "cpu-thermal", 65.0)
