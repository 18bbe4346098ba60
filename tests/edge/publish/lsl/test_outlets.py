from __future__ import annotations

import math
import time

import numpy as np
import pytest

from edge.publish.lsl.channels import CHANNELS
from edge.publish.lsl.outlets import LslOutlets
from edge.publish.message import RunIdentity, emotion_message
from tests.edge.publish import records

pytestmark = pytest.mark.timeout(120)
LABELS = [channel.label for channel in CHANNELS]


def push(outlets: LslOutlets, t_ns: int, **changes) -> None:
    result = records.result(end_ns=t_ns, **changes)
    outlets.result(emotion_message(result, outlets.identity, seq=1, now_ns=t_ns), result)


def event(kind: str, t_ns: int, **fields) -> dict:
    return {"type": kind, "t_ns": t_ns, **fields}


def test_an_inlet_in_another_process_gets_the_values_with_our_own_stamps(outlets, listen):
    inlet = listen(outlets, "results")
    stamps_ns = [time.monotonic_ns() + offset for offset in (0, 200_000_000, 400_000_001)]
    for t_ns in stamps_ns:
        push(outlets, t_ns)
    samples = inlet.wait_for(3)
    assert [stamp for stamp, _ in samples] == [t_ns / 1e9 for t_ns in stamps_ns]
    values = dict(zip(LABELS, samples[0][1], strict=True))
    expected = {"faces": 1, "face_track": 3, "face_happy": 0.8, "face_valence": 0.7, "voice_happy": 0.61}
    expected |= {"audio_lag_ms": 38.0, "audio_lag_ci_ms": 9.0, "latency_ms": 10.0, "deadline_missed": 0}
    assert {name: values[name] for name in expected} == {key: np.float32(value) for key, value in expected.items()}


def test_the_stream_describes_itself(outlets, listen):
    described = listen(outlets, "results").described()
    assert described["labels"] == LABELS
    assert described["units"] == [channel.unit for channel in CHANNELS]
    assert described["types"] == [channel.kind for channel in CHANNELS]
    assert described["type"] == "Emotion"
    assert all(f"<{key}>{value}<" in described["xml"] for key, value in (("model", "9f2c01ab"), ("session", "k3f9q2")))
    assert described["rate_hz"] == 0.0, "readers of a regular stream move the stamps around a gap"
    assert abs(described["time_correction_s"]) < 0.1, "its clock is the machine's"


def test_what_is_unknown_is_nan(outlets, listen):
    inlet = listen(outlets, "results")
    push(outlets, time.monotonic_ns(), faces=(), voice=records.silence())
    _, values = inlet.wait_for(1)[0]
    by_label = dict(zip(LABELS, values, strict=True))
    assert by_label["faces"] == 0
    judged = [label for label in LABELS if label.startswith(("face_", "voice_"))]
    assert len(judged) == 24
    assert all(math.isnan(by_label[label]) for label in judged)


def test_events_are_markers_with_their_own_stamps(outlets, listen):
    inlet = listen(outlets, "events")
    outlets.event(event("face_in", 5_000_000_001, track=3))
    outlets.event(event("change", 6_000_000_000, **{"from": None, "to": "happy"}))
    outlets.event(event("utterance_end", 7_000_000_000, emotion="sad"))
    assert inlet.wait_for(3) == [
        (5.000000001, ["face_in/3"]),
        (6.0, ["change/none/happy"]),
        (7.0, ["utterance_end/sad"]),
    ]
    assert inlet.described()["type"] == "Markers"


def test_switched_off_nothing_is_pushed(outlets, listen):
    results, events = listen(outlets, "results"), listen(outlets, "events")
    outlets.enabled(False)
    push(outlets, 1_000_000_000)
    outlets.event(event("face_in", 1_000_000_000, track=1))
    outlets.enabled(True)
    push(outlets, 2_000_000_000)
    outlets.event(event("face_in", 2_000_000_000, track=2))
    assert results.wait_for(1)[0][0] == 2.0
    assert events.wait_for(1) == [(2.0, ["face_in/2"])]


def test_an_inlet_finds_its_stream_again_after_a_restart(outlets, listen):
    inlet = listen(outlets, "events")
    outlets.event(event("face_in", 1_000_000_000, track=1))
    inlet.wait_for(1)
    outlets.stop()
    again = LslOutlets(RunIdentity(outlets.identity.device, "another", "0badc0de"))
    again.start()
    try:
        t_ns = 2_000_000_000
        while len(inlet.samples) < 2 and t_ns < 200_000_000_000:  # nobody is told when an inlet is back
            again.event(event("face_in", t_ns, track=2))
            t_ns += 1_000_000_000
            time.sleep(0.1)
        assert inlet.wait_for(2)[1][1] == ["face_in/2"]
    finally:
        again.stop()


def test_the_last_markers_before_the_end_arrive(outlets, listen):
    inlet = listen(outlets, "events")
    for track in range(1000):
        outlets.event(event("face_out", 1_000_000_000 + track, track=track))
    outlets.stop()
    assert [values for _, values in inlet.wait_for(1000)] == [[f"face_out/{track}"] for track in range(1000)]


def test_a_reader_that_hangs_holds_nobody_up(outlets, listen):
    inlet = listen(outlets, "results")
    took = []
    result = records.result()
    message = emotion_message(result, outlets.identity, seq=1, now_ns=result.window.end_ns)
    with inlet.frozen():
        for _ in range(50_000):  # 7 MB: more than the kernel keeps for a reader
            began = time.perf_counter()
            outlets.result(message, result)
            took.append(time.perf_counter() - began)
    assert np.percentile(took, 99) < 0.01
    assert outlets.failure is None


def test_stopped_it_takes_everything_and_does_nothing(outlets):
    outlets.stop()
    outlets.stop()
    push(outlets, 1_000_000_000)
    outlets.event(event("face_in", 1_000_000_000, track=1))
    assert outlets.failure is None
