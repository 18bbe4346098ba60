from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from jsonschema import Draft202012Validator, FormatChecker

from edge.errors import UsageError
from edge.publish.message import (
    RunIdentity,
    emotion_message,
    leading_face,
    leaving_later,
    probabilities,
    recording_message,
)
from edge.publish.payload import clean, encode
from edge.publish.schema import TOPICS, load_schema
from edge.samples import EMOTIONS, Box
from tests.edge.publish import records

VALID = Draft202012Validator(load_schema(), format_checker=FormatChecker())


def test_a_message_that_leaves_later_is_later():
    made = records.message()
    sent = leaving_later(made, 12.34)
    ages = [message["window"].pop("latency_ms") for message in (made, sent)]
    assert [round(ages[1][key] - ages[0][key], 2) for key in ("newest", "oldest")] == [12.3, 12.3]
    assert sent == made
    unknown = {"window": {"latency_ms": {"newest": None, "oldest": 7.0}}}
    assert leaving_later(unknown, 1.0) == {"window": {"latency_ms": {"newest": None, "oldest": 8.0}}}


def test_every_schema_is_a_schema():
    for topic in TOPICS:
        Draft202012Validator.check_schema(load_schema(topic))


def test_a_topic_without_schema_names_those_that_have_one():
    with pytest.raises(UsageError, match="emotion, state, event, stats"):
        load_schema("weather")


def test_payload_is_the_contracts():
    message = records.message()
    VALID.validate(message)
    face = message["faces"][0]
    assert (message["schema"], message["device"], message["session"], message["seq"]) == (1, "desk", "k3f9q2", 128)
    assert message["model"] == "9f2c01ab"
    assert message["t_ns"] == 100 * records.SECOND
    assert message["window"]["latency_ms"] == {"newest": 41.2, "oldest": 1031.2}
    assert face["box"] == [0.31, 0.12, 0.22, 0.39]
    assert face["pose"] == {"yaw": -4.0, "pitch": 2.5, "roll": 1.0}
    assert face["facing"] is True
    assert list(face["probabilities"]) == list(EMOTIONS)
    assert face["share"] == {"video": 0.64, "audio": 0.36}
    assert message["sync"]["interpolated"] == {"video": 0.0, "audio": 0.12}
    assert message["voice"]["utterance"] == 17


def test_nobody_and_silence_keep_every_field():
    message = records.message([], records.silence())
    VALID.validate(message)
    assert message["faces"] == []
    assert message["voice"]["present"] is False
    assert message["voice"]["emotion"] is None
    assert set(message["voice"]["probabilities"]) == set(EMOTIONS)


@pytest.mark.parametrize("gone", ["voice", "sync", "model", "time", "faces"])
def test_schema_demands_every_field(gone):
    message = records.message()
    del message[gone]
    assert not VALID.is_valid(message)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("emotion", "bored"), ("confidence", 1.2), ("reasons", ["ugly"]), ("basis", "audio"), ("box", [0, 0, 1])],
)
def test_schema_refuses_what_the_contract_does_not_know(field, wrong):
    message = records.message()
    message["faces"][0][field] = wrong
    assert not VALID.is_valid(message)


def test_schema_lets_later_fields_pass():
    assert VALID.is_valid({**records.message(), "weather": "fine"})


def test_nothing_that_is_not_finite_leaves():
    judged = records.verdict(valence=math.nan)
    judged.probabilities[2] = math.inf
    sync = records.sync(audio_lag_ms=math.nan, audio_lag_ci_ms=math.inf, drift_ppm=None, dtw_shift_ms=math.nan)
    message = records.message([records.face(judged=judged)], sync=sync)
    VALID.validate(json.loads(encode(message)))
    face = message["faces"][0]
    assert face["valence"] is None
    assert set(face["probabilities"].values()) == {None}
    assert message["sync"]["audio_lag_ms"] is message["sync"]["audio_lag_ci_ms"] is message["sync"]["drift_ppm"] is None
    assert "NaN" not in encode(message)
    assert "Infinity" not in encode(message)


def test_clean_reaches_into_numpy_and_depth():
    dirty = {"a": [np.float32(1.5), np.nan, {"b": np.int64(2)}], "c": np.array([1.0, np.inf]), 3: (np.bool_(1),)}
    assert clean(dirty) == {"a": [1.5, None, {"b": 2}], "c": [1.0, None], "3": [True]}


@given(hnp.arrays(np.float32, 7, elements=st.floats(0, 1, width=32)).filter(lambda values: values.sum() > 1e-3))
def test_probabilities_keep_their_sum_after_rounding(values):
    rounded = probabilities(values)
    assert sum(rounded.values()) == pytest.approx(1, abs=1e-3)
    assert all(share == round(share, 4) for share in rounded.values())


def test_six_probabilities_are_an_error():
    with pytest.raises(ValueError, match="6 probabilities for 7"):
        probabilities(np.ones(6, np.float32))


def test_faces_come_largest_first_and_the_largest_leads():
    small, large = records.face(1, Box(0, 0, 50, 50)), records.face(2, Box(300, 100, 200, 200))
    message = records.message([small, large])
    assert [face["track"] for face in message["faces"]] == [2, 1]
    assert leading_face(message)["track"] == 2
    assert leading_face(records.message([])) is None


def test_a_box_outside_the_frame_stays_inside_in_the_message():
    message = records.message([records.face(1, Box(-80, -60, 900, 700)), records.face(2, Box(700, 500, 30, 30))])
    VALID.validate(message)
    assert message["faces"][0]["box"] == [0, 0, 1, 1]


def test_a_recording_has_seconds_and_no_latency():
    result = records.result(end_ns=7_500_000_000)
    message = recording_message(result, records.IDENTITY, seq=4, origin_ns=5_000_000_000)
    VALID.validate(message)
    assert message["window"] == {"start": 1.5, "end": 2.5, "latency_ms": {"newest": None, "oldest": None}}
    assert message["time"] is None


def test_a_window_without_samples_has_no_latency():
    result = records.result()
    object.__setattr__(result.window, "newest_ns", None)
    message = emotion_message(result, records.IDENTITY, seq=1, now_ns=0)
    assert message["window"]["latency_ms"]["newest"] is None


def test_each_run_has_its_session():
    sessions = {RunIdentity.fresh("desk").session for _ in range(50)}
    assert len(sessions) == 50
