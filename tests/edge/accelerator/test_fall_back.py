"""From the GPU back to ONNX Runtime, within the very call, and to the GPU again later."""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from edge.accelerator import attended_engine
from edge.accelerator.retry import SETTLED_S
from edge.clock import MonotonicClock
from edge.strain import LEAST_MISSED
from edge.ticker import period_ns
from tests.broker import until
from tests.edge.accelerator.rig import CROPS, AcceleratorRig
from tests.edge.infer.windows import face_window, window
from tests.faulty_engine import RUN_TIME_FAULTS, TOO_LARGE, Hang, filled, raising

ON_GPU = ("online", {"reason": None, "engine": "tensorrt", "precision": "fp32", "device": "Orin"})
A_WINDOW = window([face_window(np.ones((15, 96)))], np.ones((100, 120)))


@pytest.fixture
def on_gpu(rig):
    rig.step()
    assert rig.fast == [True, True]
    return rig


def judge(rig):
    (face,) = rig.student.judge(A_WINDOW, rig.clock).faces
    return face.verdict.probabilities


@pytest.mark.parametrize("kind", ["a CUDA error", "out of memory", "NaN", "infinity", "no words", "other names"])
@pytest.mark.parametrize("graph", ["face", "head"])
def test_the_failing_call_is_answered_and_both_graphs_leave_the_gpu(kind, graph, on_gpu):
    embeddings, probabilities = on_gpu.encode(), judge(on_gpu)
    on_gpu.backend.newest[graph].fault = RUN_TIME_FAULTS[kind]
    assert np.array_equal(on_gpu.encode(), embeddings)
    assert np.array_equal(judge(on_gpu), probabilities)
    assert on_gpu.fast == [False, False], "at once: nobody waits for the accelerator's thread"
    on_gpu.step()
    state, detail = on_gpu.told[-1]
    assert (state, detail["engine"]) == ("degraded", "onnx")
    assert detail["reason"].startswith("TensorRT failed: ")
    assert detail["reason"].endswith("; ONNX Runtime does the work, next attempt in 30 s")
    assert not any(engine.active for engine in on_gpu.backend.opened)


def test_it_is_tried_again_and_comes_back(on_gpu):
    on_gpu.backend.newest["head"].fault = RUN_TIME_FAULTS["NaN"]
    judge(on_gpu)
    on_gpu.step()
    on_gpu.step(after_s=29)
    assert len(on_gpu.backend.opened) == 2
    on_gpu.step(after_s=1)
    assert on_gpu.told[-1] == ON_GPU
    assert on_gpu.fast == [True, True]
    assert np.isfinite(judge(on_gpu)).all()


def test_what_fails_again_soon_waits_longer_and_after_good_days_no_more(on_gpu):
    waits = []
    for after_s in (0, 1, 1, SETTLED_S):
        on_gpu.clock.advance(int(after_s * 1e9))
        on_gpu.backend.newest["face"].fault = filled(float("nan"))
        on_gpu.encode()
        on_gpu.step()
        waits.append(int(on_gpu.reason.split()[-2]))
        on_gpu.step(after_s=waits[-1])
        assert on_gpu.fast == [True, True]
    assert waits == [30, 60, 120, 30]


def test_many_failures_leave_nothing_behind(on_gpu):
    threads, descriptors = threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        on_gpu.backend.newest["face"].fault = RUN_TIME_FAULTS["a CUDA error"]
        on_gpu.encode()
        on_gpu.step()
        on_gpu.step(after_s=600)
        assert on_gpu.fast == [True, True]
    assert threading.active_count() <= threads
    assert len(list(Path("/proc/self/fd").iterdir())) <= descriptors
    assert sum(engine.active for engine in on_gpu.backend.opened) == 2


def test_more_faces_than_the_profile_has_are_no_failure(on_gpu):
    on_gpu.backend.newest["face"].fault = TOO_LARGE
    on_gpu.encode()
    on_gpu.step()
    assert on_gpu.fast == [True, True]
    assert on_gpu.told == [ON_GPU]


def test_an_answer_that_comes_too_late_is_not_waited_for(rig, release, monkeypatch):
    monkeypatch.setattr("edge.accelerator.gpu_student.ANSWER_LIMIT_S", 0.2)
    on_gpu = rig
    on_gpu.step()
    expected = on_gpu.encode()
    on_gpu.backend.newest["face"].fault = Hang(release)
    assert np.array_equal(on_gpu.encode(), expected)
    assert on_gpu.fast == [False, False]
    on_gpu.step()
    assert "does not answer" in on_gpu.reason


def test_a_hang_misses_too_few_ticks_to_pass_for_a_busy_machine():
    assert (LEAST_MISSED - 1) * period_ns(0) / 1e9 > attended_engine.ANSWER_LIMIT_S


class Hammer:
    """The faces' and the judge's threads, as fast as they can; `wrong` is what they got that is not right."""

    def __init__(self, rig):
        self.rig = rig
        self.counts = {"faces": 0, "judge": 0}
        self.wrong = []
        self._stop = threading.Event()
        expected = rig.encode(), judge(rig)
        calls = {"faces": (rig.encode, expected[0]), "judge": (lambda: judge(rig), expected[1])}
        self._threads = [
            threading.Thread(target=self._run, args=(name, *call), name=name) for name, call in calls.items()
        ]

    def _run(self, name, call, expected):
        while not self._stop.is_set():
            try:
                if not np.array_equal(call(), expected):
                    self.wrong.append(name)
            except Exception as error:
                self.wrong.append(error)
            self.counts[name] += 1
            time.sleep(0.001)

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive(), "a deadlock"

    def goes_on(self):
        """Both threads get on."""
        before = dict(self.counts)
        until(lambda: all(self.counts[name] > before[name] + 2 for name in before), "both threads get on")


@pytest.fixture
def live(tmp_path, monkeypatch):
    """With a thread of its own, and the machine's clock."""
    monkeypatch.setattr("edge.accelerator.retry.FIRST_S", 0.05)
    monkeypatch.setattr("edge.accelerator.retry.MOST_S", 0.05)
    rig = AcceleratorRig(tmp_path, clock=MonotonicClock())
    rig.builder.save()
    yield rig
    rig.accelerator.stop()


def test_two_threads_and_a_gpu_that_comes_and_goes(live):
    """Every answer is right, whatever fails, and when; and the GPU comes back each time."""
    chance = random.Random(11)
    with Hammer(live) as hammer:
        live.accelerator.start()
        for round_ in range(8):
            until(lambda: live.fast == [True, True], "the GPU works")
            before = len(live.told)
            kind, graph = chance.choice(sorted(RUN_TIME_FAULTS)), ("face", "head")[round_ % 2]
            live.backend.newest[graph].fault = RUN_TIME_FAULTS[kind]
            until(lambda at=before: any(state == "degraded" for state, _ in live.told[at:]), f"{kind} is told", 3.0)
            hammer.goes_on()
        assert hammer.wrong == []
    assert {state for state, _ in live.told} == {"online", "degraded"}


def test_a_gpu_that_hangs_is_left_alone_within_three_seconds(live, release):
    with Hammer(live) as hammer:
        live.accelerator.start()
        until(lambda: live.fast == [True, True], "the GPU works")
        for engine in live.backend.newest.values():
            engine.fault = Hang(release)
        until(lambda: live.state == "degraded", "it is told", 3.0)
        hammer.goes_on()
        until(lambda: live.fast == [True, True], "other engines work")
        hammer.goes_on()
        assert hammer.wrong == []
    release.set()


@pytest.mark.parametrize("moment", ["target", "loading", "trial", "answer"])
def test_stopping_waits_for_no_driver_wherever_it_hangs(moment, live, release):
    hang = Hang(release)
    if moment == "target":
        live.backend.asking = lambda: hang({})
    elif moment == "loading":
        live.backend.loading["head"] = lambda: hang({})
    elif moment == "trial":
        live.backend.faults["head"] = lambda: hang
    live.accelerator.start()
    caller = threading.Thread(target=live.encode)
    if moment == "answer":
        until(lambda: live.fast == [True, True], "the GPU works")
        live.backend.newest["face"].fault = hang
    else:
        assert hang.entered.wait(10)
    caller.start()
    assert hang.entered.wait(10)
    began = time.monotonic()
    live.accelerator.stop()
    caller.join(10)
    assert not caller.is_alive(), "who waited has the answer of ONNX Runtime"
    assert time.monotonic() - began < 3.0  # a trial alone may take twenty seconds
    assert "accelerator" not in {thread.name for thread in threading.enumerate()}
    assert not live.accelerator.stopped, "the thread in the driver cannot be ended"
    assert live.fast == [False, False]
    assert live.encode().shape == (len(CROPS), 96)
    release.set()
    until(lambda: live.accelerator.stopped, "nothing is left")


def test_stopping_gives_everything_back(live):
    before = set(threading.enumerate())
    live.accelerator.start()
    until(lambda: live.fast == [True, True], "the GPU works")
    live.accelerator.stop()
    assert live.accelerator.stopped
    assert live.builder.cancelled
    assert live.fast == [False, False]
    assert not any(engine.active for engine in live.backend.opened)
    assert set(threading.enumerate()) <= before


def test_an_error_of_our_own_does_not_end_the_thread(live):
    live.backend.target = lambda: raising(RuntimeError("unforeseen"))({})
    live.accelerator.start()
    until(lambda: live.state == "degraded", "it is told")
    assert "RuntimeError: unforeseen" in live.reason
    del live.backend.target
    until(lambda: live.fast == [True, True], "the GPU works")


def test_whoever_wants_onnx_has_no_thread_and_no_gpu(tmp_path):
    rig = AcceleratorRig(tmp_path, engine="onnx")
    rig.accelerator.start()
    assert rig.told == [("online", {"reason": None, "engine": "onnx"})]
    assert "accelerator" not in {thread.name for thread in threading.enumerate()}
    rig.accelerator.stop()
    assert rig.accelerator.stopped
    assert rig.backend.asked == 0
