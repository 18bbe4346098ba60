"""The soak itself: its plan, its figures, and some seconds of it on the real daemon."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.microphone import needs_virtual_microphone
from tests.soak import __main__ as command
from tests.soak.figures import figures, missed
from tests.soak.page import met, rows, table
from tests.soak.picture import draw
from tests.soak.plan import KINDS, Fault, plan
from tests.soak.record import Made, Record
from tests.soak.sampler import Sample
from tests.soak.slope import slope
from tests.soak.watched import Said, Tick

HOUR_S = 3600.0


def test_a_seed_gives_the_same_faults_again_and_another_seed_others():
    faults = plan(7, 1200.0)
    assert faults == plan(7, 1200.0)
    assert faults != plan(8, 1200.0)
    assert len(faults) == 59
    counts = {kind: sum(fault.kind == kind for fault in faults) for kind in KINDS}
    assert min(counts.values()) >= 4, "each kind about as often as the others"
    assert max(counts.values()) <= 5
    assert plan(7, 600.0) == faults[: len(plan(7, 600.0))], "a longer soak begins like a shorter one"


def test_each_fault_is_healed_well_before_the_next():
    faults = plan(3, 7200.0)
    for fault, following in zip(faults, faults[1:], strict=False):
        assert fault.at_s + fault.seconds + 4.0 < following.at_s


def test_a_slope_is_found_among_outliers():
    times_s = np.arange(0.0, 1200.0, 20.0)
    values = 250 + 3.0 * times_s / HOUR_S + np.random.default_rng(1).normal(0, 0.05, len(times_s))
    values[::9] += 8.0  # a fault's own peak
    found = slope(times_s, values)
    assert found.low < 3.0 < found.high
    assert found.per_hour == pytest.approx(3.0, abs=0.5)
    assert np.isnan(slope([1.0, 2.0], [1.0, 2.0]).per_hour)


def ticks_without(*left_out, count=100):
    return [Tick(seq, seq * 200_000_000, False, 1) for seq in range(count) if seq not in left_out]


def test_ticks_that_a_fault_itself_took_away_are_counted_apart():
    stopped = Made(Fault(4.0, "daemon stopped", 1.0), 4.0, 5.0, True)
    pulled = Made(Fault(10.0, "camera killed", 1.0), 10.0, 11.0, True)
    ticks = ticks_without(20, 21, 22, 52, 90)
    assert missed(ticks, [stopped, pulled]) == (97, 2, 3)
    assert missed(ticks, []) == (100, 5, 0)


def record(*, growth_mb_per_h=0.0, descriptors=14, back=True, lost=(), chat=1):
    """Ten minutes in which the daemon does as told here."""
    made = [
        Made(fault, fault.at_s, fault.at_s + fault.seconds, back or fault.kind != "camera killed")
        for fault in plan(1, 600.0)
    ]
    samples = [
        Sample(float(s), 250 + growth_mb_per_h * s / HOUR_S, 14 if s < 550 else descriptors, 16, 0.2 * s)
        for s in range(600)
    ]
    said = [Said(float(s), "12:00:00 WARNING video is offline: gone") for s in range(0, 600, 20)]
    said += [Said(float(s), "12:00:01 WARNING it is late") for s in range(30, 600, 60) for _ in range(chat)]
    return Record(0.0, 600.0, 0, made, samples, ticks_without(*lost, count=3000), said)


def judged(**how):
    report = {"seed": 1, **figures(record(**how))}
    return {what: verdict for what, _, _, verdict in rows(report)}, met(report)


def test_what_holds_its_promises_is_met():
    verdicts, whole = judged()
    assert whole
    assert all(verdicts.values())


@pytest.mark.parametrize(
    ("what", "how"),
    [
        ("resident memory", {"growth_mb_per_h": 2.0}),
        ("descriptors", {"descriptors": 15}),
        ("ticks", {"lost": (7, 11, 2900, 2950)}),
        ("streams", {"back": False}),
        ("log", {"chat": 2}),
    ],
)
def test_each_promise_that_is_broken_shows(what, how):
    verdicts, whole = judged(**how)
    assert not whole
    assert [name for name, verdict in verdicts.items() if not verdict] == [what]


def test_table_and_picture_of_a_record(tmp_path):
    told = record()
    text = table({"seed": 1, **figures(told)}).markdown()
    assert "seed 1" in text
    assert "+0.00 MB/h" in text
    draw(told, tmp_path / "soak.png")
    assert (tmp_path / "soak.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.timeout(120)
def test_some_seconds_of_it_on_the_real_daemon(tmp_path, capsys):
    needs_virtual_microphone()
    page = tmp_path / "faults.md"
    page.write_text("<!-- soak -->\n<!-- /soak -->\n")
    words = ["--minutes", "0.2", "--every", "3", "--seed", "5", "--only", "camera killed", "broker killed"]
    command.main([*words, "--json", "--write", str(page)])
    told = json.loads(capsys.readouterr().out)
    assert [one["kind"] for one in told["made"]] == [
        fault.kind for fault in plan(5, 12.0, 3.0, ("camera killed", "broker killed"))
    ]
    assert told["exit_code"] == 0
    assert told["ticks"]["wanted"] > 40
    assert len(told["samples"]) >= 8
    assert any("video is offline" in text for _, text in told["log"])
    assert "resident memory" in page.read_text()
    assert (tmp_path / "pictures" / "soak.png").stat().st_size > 10_000
