"""Turns, medians and ratios, with contenders that take as long as they are told to."""

from __future__ import annotations

import gc
from types import SimpleNamespace

import pytest

from edge.infer.engine import EngineError
from engines.gpu_bench.contender import Contender
from engines.gpu_bench.latency import Latency, latencies, ratio
from engines.gpu_bench.request import Request
from engines.gpu_bench.watch import silent

REQUEST = Request(faces=(1, 4), rows=("face", "head", "parity"), rounds=3, calls=4, warm_up=1)


class Field:
    """Contenders, and the calls that they are asked for; `calls` tells who was, in order. The clock is its own."""

    def __init__(self, **takes_ms):
        self.now_ns = 0
        self.present = [Contender(name, "cpu", "fp32", None) for name in takes_ms]
        self.reference = self.present[0]
        self.dropped = {}
        self.calls = []
        self._takes_ms = takes_ms

    def drop(self, one, reason):
        self.present.remove(one)
        self.dropped[one.name] = reason

    def call(self, contender, row, faces):
        def called():
            self.calls.append((contender.name, row, faces, gc.isenabled()))
            takes_ms = self._takes_ms[contender.name]
            if takes_ms is None:
                raise EngineError("it is tired")
            self.now_ns += round(takes_ms * 1e6)

        return called


@pytest.fixture
def timed(monkeypatch):
    def timed(field):
        clock = SimpleNamespace(perf_counter_ns=lambda: field.now_ns)
        monkeypatch.setattr("engines.gpu_bench.latency.time", clock)
        return latencies(field, field, REQUEST, silent)

    return timed


def latency(rounds_ms):
    return Latency("a", "fp32", "face", 1, 1.0, 1.0, 1.0, tuple(rounds_ms))


def test_who_takes_longer_is_told_to_be_slower(timed):
    slow, quick = timed(Field(slow=4, quick=1))[:2]
    assert (slow.contender, slow.p50_ms, slow.p99_ms) == ("slow", 4, 4)
    assert (quick.contender, quick.p50_ms) == ("quick", 1)
    assert ratio(slow, quick) == 4
    assert slow.rounds_ms == (4,) * REQUEST.rounds


def test_each_round_begins_with_another_one(timed):
    field = Field(a=1, b=1)
    timed(field)
    names = [name for name, row, faces, _gc in field.calls if (row, faces) == ("face", 1)][2:]
    assert names[::4] == ["a", "b", "b", "a", "a", "b"]


def test_rows_that_are_not_timed_are_left_out_and_crops_are_counted(timed):
    found = timed(Field(a=2))
    assert [(one.row, one.faces) for one in found] == [("face", 1), ("face", 4), ("head", 1), ("head", 4)]
    assert [one.per_s for one in found] == [500, 2000, 500, 500], "four crops a call, but one window"


def test_the_collector_waits_meanwhile_and_works_again(timed):
    field = Field(a=1)
    timed(field)
    assert {enabled for *_, enabled in field.calls} == {False}
    assert gc.isenabled()


def test_who_fails_is_dropped_and_the_others_go_on(timed):
    field = Field(a=1, tired=None)
    found = timed(field)
    assert {one.contender for one in found} == {"a"}
    assert field.dropped == {"tired": "it is tired"}
    assert [name for name, *_ in field.calls].count("tired") == 1


@pytest.mark.parametrize(("slow", "quick", "times"), [([4, 4, 400], [2, 1, 4], 4), ([1, 1, 1], [2, 2, 2], 0.5)])
def test_a_ratio_is_the_median_of_the_rounds(slow, quick, times):
    assert ratio(latency(slow), latency(quick)) == times
