import jsonschema
import pytest

from edge.health import StreamHealth
from edge.publish.schema import load_schema
from edge.stats import Stats
from tests.edge.rig import Rig, missed, normal

pytestmark = pytest.mark.timeout(180)


def test_stats_tell_the_delay_in_use_and_what_was_left_out(demo_clip_path, student):
    with Rig(demo_clip_path, student) as rig:
        rig.until(normal)
        rig.judging.shut()
        rig.until(missed)
        rig.judging.open()
        rig.until(normal)
        rig.pipeline.aligner.video_arrival.closing_ms = 41.26
        healths = [StreamHealth(name, 30.0, lambda *_: None) for name in ("video", "audio")]
        message = Stats(rig.clock).message(rig.pipeline, *healths)
    jsonschema.validate(message, load_schema("stats"))
    assert message["arrival_ms"]["video"] == 41.3
    assert message["skips"]["overtaken"] >= 1
    assert message["skips"]["stamps"] == 0
    assert message["deadline_misses"] >= 1
