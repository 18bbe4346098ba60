"""ONNX Runtime behind an engine that fails in every way: each call has its right answer."""

from __future__ import annotations

import numpy as np
import pytest

from edge.infer.card import load_card
from edge.infer.engine import EngineError
from edge.infer.onnx_engine import OnnxEngine
from edge.infer.switching_engine import MOST_WORDS, SwitchingEngine
from tests.faulty_engine import RUN_TIME_FAULTS, TOO_LARGE, FaultyEngine, at_call, filled, raising


@pytest.fixture(scope="module")
def crops():
    chance = np.random.default_rng(3)
    return {"crops": chance.uniform(0, 255, (2, 1, 128, 128)).astype(np.float32)}


@pytest.fixture(scope="module")
def truth(crops):
    with OnnxEngine(load_card().face_path) as engine:
        return engine.infer(crops)["embeddings"]


@pytest.fixture
def fast():
    with FaultyEngine(load_card().face_path) as engine:
        yield engine


@pytest.fixture
def told():
    return []


@pytest.fixture
def switching(fast, told):
    sure = OnnxEngine(load_card().face_path)
    with SwitchingEngine(sure, told.append) as engine:
        engine.use(fast)
        yield engine


def test_the_faster_engine_answers_while_it_works(switching, fast, crops, truth, told):
    switching.sure.infer = None  # nobody asks it
    assert np.array_equal(switching.infer(crops)["embeddings"], truth)
    assert fast.calls == [2]
    assert told == []


@pytest.mark.parametrize("kind", RUN_TIME_FAULTS)
def test_the_call_that_fails_is_answered_by_onnx_runtime(kind, switching, fast, crops, truth, told):
    switching.use(None)
    switching.infer(crops)  # as the student's own warming-up does: now it is known how answers look
    switching.use(fast)
    fast.fault = at_call(2, RUN_TIME_FAULTS[kind])
    for _ in range(4):
        assert np.array_equal(switching.infer(crops)["embeddings"], truth)
    assert fast.calls == [2, 2], "after the failure it is asked no more"
    assert switching.fast is None
    assert len(told) == 1
    assert 0 < len(told[0]) <= MOST_WORDS + 1
    assert "\n" not in told[0]


@pytest.mark.parametrize("kind", ["NaN", "infinity", "a row less", "a list"])
def test_what_needs_no_example_is_seen_in_the_first_call(kind, switching, fast, crops, truth, told):
    fast.fault = RUN_TIME_FAULTS[kind]
    assert np.array_equal(switching.infer(crops)["embeddings"], truth)
    assert len(told) == 1


def test_feeds_beyond_the_profile_leave_the_gpu_in_use(switching, fast, crops, truth, told):
    fast.fault = at_call(1, TOO_LARGE)
    for _ in range(3):
        assert np.array_equal(switching.infer(crops)["embeddings"], truth)
    assert fast.calls == [2, 2, 2]
    assert switching.fast is fast
    assert told == []


def test_feeds_that_no_engine_takes_are_not_the_gpus_fault(switching, fast, crops, truth, told):
    with pytest.raises(EngineError, match="crops"):
        switching.infer({"crops": crops["crops"][:, :, :64]})
    spoiled = crops["crops"].copy()
    spoiled[0, 0, 5, 5] = np.nan
    with pytest.raises(EngineError, match="NaN"):
        switching.infer({"crops": spoiled})
    assert switching.fast is fast
    assert told == []
    assert np.array_equal(switching.infer(crops)["embeddings"], truth)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_not_even_onnx_runtimes_nan_gets_out(value, crops, told):
    sure, fast = FaultyEngine(load_card().face_path), FaultyEngine(load_card().face_path)
    with SwitchingEngine(sure, told.append) as switching, fast:
        sure.fault = filled(value)
        with pytest.raises(EngineError, match="NaN or infinity"):
            switching.infer(crops)
        switching.use(fast)
        fast.fault = filled(value)
        with pytest.raises(EngineError, match="NaN or infinity"):
            switching.infer(crops)


def test_a_failure_of_an_engine_that_was_taken_back_meanwhile_is_no_news(switching, fast, crops, truth, told):
    def taken_back(_answers):
        switching.use(None)
        raise RuntimeError("too late")

    fast.fault = taken_back
    assert np.array_equal(switching.infer(crops)["embeddings"], truth)
    assert told == []


def test_leaving_frees_onnx_runtime_and_keeps_the_borrowed_engine(fast, crops):
    switching = SwitchingEngine(OnnxEngine(load_card().face_path), lambda _: None)
    with switching:
        switching.use(fast)
    assert switching.fast is None
    assert fast.active
    with pytest.raises(EngineError, match="not active"):
        switching.infer(crops)


def test_an_exit_in_the_engine_is_not_swallowed(switching, fast, crops):
    fast.fault = raising(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        switching.infer(crops)
