from __future__ import annotations

import math

import pytest

from edge.publish.lsl.channels import CHANNELS, sample
from edge.publish.lsl.marker import marker
from edge.publish.message import emotion_message
from edge.samples import EMOTIONS, Box
from tests.conftest import REPOSITORY
from tests.edge.publish import records

LABELS = [channel.label for channel in CHANNELS]


def values(**changes) -> dict[str, float]:
    result = records.result(**changes)
    message = emotion_message(result, records.IDENTITY, seq=1, now_ns=result.window.end_ns)
    return dict(zip(LABELS, sample(message, result), strict=True))


def test_no_label_comes_twice_and_none_lacks_a_unit():
    assert len(set(LABELS)) == len(LABELS)
    assert all(channel.unit and channel.kind for channel in CHANNELS)


def test_the_page_names_every_channel():
    page = (REPOSITORY / "docs/lsl.md").read_text(encoding="utf-8")
    shortened = {f"voice_{emotion}" for emotion in EMOTIONS[1:-1]}
    assert [label for label in LABELS if f"`{label}`" not in page] == [x for x in LABELS if x in shortened]
    assert f"{len(LABELS)} channels" in page


def test_the_largest_face_leads():
    small = records.face(1, Box(0.0, 0.0, 50.0, 50.0), records.verdict("sad"))
    large = records.face(2, Box(100.0, 100.0, 200.0, 200.0), records.verdict("happy"))
    for faces in ((small, large), (large, small)):
        found = values(faces=faces)
        assert (found["faces"], found["face_track"]) == (2, 2)
        assert found["face_happy"] > found["face_sad"]


def test_probabilities_stand_under_their_own_names():
    for emotion in EMOTIONS:
        found = values(faces=(records.face(judged=records.verdict(emotion)),))
        assert max(EMOTIONS, key=lambda name: found[f"face_{name}"]) == emotion


def test_a_lag_that_is_being_measured_is_nan():
    found = values(sync=records.sync(audio_lag_ms=None, audio_lag_ci_ms=None, lock="measuring"))
    assert math.isnan(found["audio_lag_ms"])
    assert math.isnan(found["audio_lag_ci_ms"])


def test_flags_are_zero_or_one():
    found = values(
        faces=(records.face(judged=records.verdict(uncertain=True)),), sync=records.sync(deadline_missed=True)
    )
    assert (found["face_uncertain"], found["voice_uncertain"], found["deadline_missed"]) == (1.0, 0.0, 1.0)


@pytest.mark.parametrize(
    ("event", "text"),
    [
        ({"type": "face_in", "track": 7}, "face_in/7"),
        ({"type": "face_out", "track": 7}, "face_out/7"),
        ({"type": "utterance_end", "emotion": "sad"}, "utterance_end/sad"),
        ({"type": "utterance_end", "emotion": None}, "utterance_end/none"),
        ({"type": "change", "from": "sad", "to": None}, "change/sad/none"),
        ({"type": "something_new"}, "something_new/none"),
    ],
)
def test_markers_are_short(event, text):
    assert marker(event) == text
