"""Engines whose driver hangs, whose calls come late, and who are freed while they do."""

from __future__ import annotations

import contextlib
import threading
import time

import numpy as np
import pytest

from edge.accelerator.attended_engine import ANSWER_LIMIT_S, AttendedEngine
from edge.infer.engine import EngineError
from tests.broker import until
from tests.faulty_engine import RUN_TIME_FAULTS, CudaLikeError, Hang, face_engine, late, raising

CROPS = {"crops": np.zeros((1, 1, 128, 128), np.float32)}


@pytest.fixture
def release():
    event = threading.Event()
    yield event
    event.set()


@contextlib.contextmanager
def asking(attended, engine):
    """A thread that waits for the answer of a hung engine, and must have gone on at the end; its errors."""
    errors = []

    def ask():
        try:
            attended.infer(CROPS)
        except EngineError as error:
            errors.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    until(lambda: engine.calls, "the engine hangs")
    yield errors
    thread.join(10)
    assert not thread.is_alive()


def test_every_call_is_made_in_the_engines_own_thread():
    engine = face_engine()
    attended = AttendedEngine(engine)
    with attended:
        for _ in range(3):
            assert attended.infer(CROPS)["embeddings"].shape == (1, 96)
    until(lambda: not attended.running, "the thread has ended")
    assert len(engine.threads) == 1
    assert threading.current_thread().name not in engine.threads
    assert not engine.active


def test_what_the_engine_raises_comes_out():
    engine = face_engine()
    with AttendedEngine(engine) as attended:
        engine.fault = RUN_TIME_FAULTS["a CUDA error"]
        with pytest.raises(CudaLikeError, match="illegal memory access"):
            attended.infer(CROPS)
        engine.fault = raising(SystemExit(3))
        with pytest.raises(EngineError, match="SystemExit"):
            attended.infer(CROPS)
        engine.fault = None
        attended.infer(CROPS)


def test_an_answer_within_the_limit_may_take_long():
    engine = face_engine()
    with AttendedEngine(engine) as attended:
        engine.fault = late(0.3)
        attended.infer(CROPS)


def test_a_driver_that_hangs_is_waited_for_once(release):
    engine = face_engine()
    attended = AttendedEngine(engine)
    attended.activate()
    attended.limit_s = 0.2
    engine.fault = Hang(release)
    for _ in range(3):
        with pytest.raises(EngineError, match="does not answer"):
            attended.infer(CROPS)
    assert len(engine.calls) == 1, "it is not asked again"
    attended.deactivate()
    assert attended.running
    assert engine.active
    release.set()
    until(lambda: not attended.running, "the thread has ended")
    assert not engine.active, "it is freed as soon as its driver answers"


@pytest.mark.parametrize("end", [AttendedEngine.give_up, AttendedEngine.deactivate])
def test_who_waits_is_let_go(end, release):
    engine = face_engine()
    attended = AttendedEngine(engine)
    attended.activate()
    attended.limit_s = 60.0
    engine.fault = Hang(release)
    with asking(attended, engine) as errors:
        end(attended)
    assert "does not answer" in str(errors)


def test_a_process_that_stood_still_does_not_blame_the_gpu(monkeypatch):
    """Each wait of its own may end at once, as after SIGCONT; the answer has the rest of the time."""
    engine = face_engine()
    with AttendedEngine(engine) as attended:
        engine.fault = late(0.2)
        real, jumps = threading.Event.wait, []

        def wait(event, timeout=None):
            if timeout == pytest.approx(ANSWER_LIMIT_S / 5) and not jumps:
                jumps.append(timeout)
                return False
            return real(event, timeout)

        attended.limit_s = ANSWER_LIMIT_S
        monkeypatch.setattr(threading.Event, "wait", wait)
        attended.infer(CROPS)
        assert jumps


def test_a_call_through_the_thread_costs_little():
    """Against the call itself: the hop between two threads is small beside a network."""
    engine = face_engine()
    with AttendedEngine(engine) as attended:
        crops = {"crops": np.zeros((4, 1, 128, 128), np.float32)}

        def fastest(call):
            took = []
            for _ in range(15):
                began = time.perf_counter()
                call(crops)
                took.append(time.perf_counter() - began)
            return min(took)

        assert fastest(attended.infer) < 1.5 * fastest(engine.infer)
