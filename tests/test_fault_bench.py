from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest

from tests.broker import Heard
from tests.conftest import REPOSITORY
from tests.fault_bench.__main__ import BENCH
from tests.fault_bench.cameras import GONE
from tests.fault_bench.fault import Fault
from tests.fault_bench.gauge import held_mb
from tests.fault_bench.loss import short
from tests.fault_bench.standing import Standing
from tests.fault_bench.trace import Trace

MADE_S, HEALED_S = 10.0, 20.0


def heard(at_s, topic, payload):
    return Heard(f"edge-emotion/desk/{topic}", payload, 1, True, None, at_s)


def result(seq, *, seen):
    faces = [{"track": 1}] if seen else []
    sync = {"interpolated": {"video": 0.0 if seen else 1.0, "audio": 0.0}}
    return {
        "seq": seq,
        "t_ns": round((9.8 + 0.2 * seq) * 1e9),
        "faces": faces,
        "sync": sync,
        "voice": {"present": True},
    }


@pytest.fixture
def kept():
    """A camera that is away from second 10 to 20, and a daemon that does all it has to."""
    detail = {"reason": "Camera 'http://x:1/v' sends no more pictures: check its cable.", "source": "http://x:1/v"}
    said = [
        heard(5.0, "status/video", "online"),
        heard(5.0, "status/video/detail", json.dumps({"reason": None})),
        heard(5.0, "status/audio", "online"),
        heard(11.0, "status/video", "offline"),
        heard(11.0, "status/video/detail", json.dumps(detail)),
        heard(12.0, "status/video", "offline"),
        heard(21.5, "status/video", "online"),
    ]
    results = [result(seq, seen=not 6 < seq < 60) for seq in range(1, 70)]
    return Trace(MADE_S, HEALED_S, HEALED_S, 24.0, results, said, ["lost", "back"])


def row(trace, standing=None):
    fault = Fault("gone for {seconds} s", print, print, (GONE,), standing=standing or Standing())
    return fault.judged(trace, 10, 1.0)


def test_what_is_promised_is_met(kept):
    judged = row(kept)
    assert judged.met, judged.measured
    assert judged.done == "gone for 10 s"
    assert "video offline: “sends no more pictures”, noticed after 1.0 s, last unmarked result 1.0 s" in judged.measured
    assert "back after 1.5 s; 100.0 % of 69 ticks" in judged.measured
    assert judged.figures["streams"]["video"]["shown_s"] == pytest.approx(1.8)


@pytest.mark.parametrize(
    ("words", "change"),
    [
        ("every tick", lambda kept: replace(kept, results=[*kept.results[:30], *kept.results[31:]])),
        ("memory", lambda kept: replace(kept, grown_mb=8.1)),
        ("log", lambda kept: replace(kept, log=["line"] * 4)),
        ("audio undisturbed", lambda kept: replace(kept, heard=[*kept.heard, heard(15.0, "status/audio", "degraded")])),
        (
            "audio online at the end",
            lambda kept: replace(kept, heard=[*kept.heard, heard(23.0, "status/audio", "degraded")]),
        ),
        ("video noticed", lambda kept: replace(kept, heard=[*kept.heard[:3], kept.heard[-1]])),
        ("video status", lambda kept: replace(kept, heard=[one for one in kept.heard if "detail" not in one.topic])),
        ("video marks", lambda kept: replace(kept, results=[result(seq, seen=True) for seq in range(1, 70)])),
        ("video back", lambda kept: replace(kept, heard=kept.heard[:-1])),
        ("video back", lambda kept: replace(kept, heard=[*kept.heard[:-1], heard(23.1, "status/video", "online")])),
        ("video shown again", lambda kept: replace(kept, results=kept.results[:59])),
        ("no traceback", lambda kept: replace(kept, log=["Traceback (most recent call last):"])),
    ],
)
def test_what_is_not_kept_is_told(kept, words, change):
    if words == "video status":
        kept = replace(kept, heard=[*kept.heard, heard(11.0, "status/video/detail", "null")])
    judged = row(change(kept))
    assert not judged.met
    assert words in judged.measured.partition("not kept: ")[2]


def test_what_leaks_is_told_only_where_nothing_may(kept):
    leaking = replace(kept, descriptors=1, threads=2)
    assert row(leaking).met
    judged = row(leaking, Standing(leaks_nothing=True))
    assert "descriptors +1, threads +2" in judged.measured
    assert judged.figures["broken"] == ["descriptors", "threads"]


def test_ticks_that_are_slower_count_only_where_they_may_be(kept):
    slow = replace(kept, results=[{**one, "t_ns": 2 * one["t_ns"]} for one in kept.results])
    assert Standing(paced=True).share(slow) == 1.0
    assert Standing().share(slow) < 0.6


def test_memory_counts_when_it_is_held_for_a_second():
    assert held_mb([10, 10, 10, 10, 30, 10, 10]) == 10
    assert held_mb([10, 10, 20, 21, 22, 20, 10]) == 20
    assert held_mb([10, 12]) == 10
    assert math.isnan(held_mb([]))


def test_a_reason_is_told_without_name_and_advice():
    assert short("Camera 'rtsp://a:1/b' does not answer: check it.") == "does not answer"
    assert short("Camera 'http://a:1/b': its picture is black: a lid") == "its picture is black"
    assert short("Microphone 'x' is not there (microphones present: y): plug it in.") == "is not there"


def test_every_row_of_the_bench_stands_in_the_page():
    page = (REPOSITORY / "docs" / "faults.md").read_text(encoding="utf-8")
    table = page.partition("<!-- faults -->")[2].partition("<!-- /faults -->")[0]
    names = [line.split(" | ")[0].removeprefix("| ") for line in table.splitlines() if line.startswith("| ")][2:]
    assert names == list(BENCH.rows)
