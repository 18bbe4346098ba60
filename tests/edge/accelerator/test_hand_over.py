"""From ONNX Runtime to the GPU: found, built for, tried, and taken only when it says the same."""

from __future__ import annotations

import numpy as np
import pytest

from edge.accelerator import accelerator, attended_engine
from edge.accelerator.plan_child import BuildRefusedError
from edge.accelerator.plans import MOST_BUILDS
from edge.infer.card import GRAPHS, PRECISIONS
from edge.infer.engine import EngineError
from edge.infer.most_error import MOST_ERROR
from edge.infer.plan_store import Plan, PlanRejectedError
from engines.parity.tolerance import TOLERANCES
from tests.broker import until
from tests.edge.accelerator.rig import ORIN, key_of
from tests.faulty_engine import RUN_TIME_FAULTS, CudaLikeError, Hang, at_call, filled, raising, shifted

ON_ONNX = ("online", {"reason": None, "engine": "onnx"})
ON_GPU = ("online", {"reason": None, "engine": "tensorrt", "precision": "fp32", "device": "Orin"})


def test_without_a_gpu_nothing_is_missed(make_rig):
    rig = make_rig()
    rig.backend.there = None
    rig.status.become("online", reason=None, engine="onnx")
    for _ in range(3):
        rig.step(after_s=600)
    assert rig.told == [ON_ONNX]
    assert rig.builder.builds == []
    assert rig.backend.asked == 3


def test_a_gpu_whose_driver_comes_late_is_found(rig):
    rig.backend.there = None
    rig.step()
    rig.backend.there = ORIN
    rig.step(after_s=29)
    assert rig.fast == [False, False]
    rig.step(after_s=1)
    assert rig.fast == [True, True]
    assert rig.told == [ON_GPU]


def test_tensorrt_that_was_asked_for_and_cannot_be_had_is_told(make_rig):
    rig = make_rig(engine="tensorrt")
    rig.backend.there = None
    rig.step()
    assert rig.state == "degraded"
    assert (
        rig.reason == "TensorRT cannot be used: There is no GPU here; ONNX Runtime does the work, next attempt in 30 s"
    )
    rig.backend.there = ORIN
    rig.step(after_s=30)
    assert rig.told[-1] == ON_GPU


def test_a_gpu_that_is_lost_is_told_though_nobody_asked_for_it(rig):
    rig.step()
    rig.backend.newest["face"].fault = RUN_TIME_FAULTS["a CUDA error"]
    rig.encode()
    rig.step()
    rig.backend.there = None
    rig.step(after_s=30)
    assert rig.state == "degraded"
    assert "no GPU here" in rig.reason


def test_both_graphs_are_warmed_at_many_sizes_and_handed_over_together(rig):
    rig.step()
    assert rig.fast == [True, True]
    assert rig.told == [ON_GPU]
    assert rig.builder.builds == []
    face, head = rig.backend.newest["face"], rig.backend.newest["head"]
    assert len(face.calls) >= 20
    assert len(head.calls) >= 20
    assert set(face.calls) == set(range(1, 9))
    assert set(head.calls) == {3 * faces + 1 for faces in range(9)}
    assert min(map(face.calls.count, range(1, 9))) >= 3, "a CUDA graph is recorded in the second call of a size"
    before = len(face.calls)
    rig.encode()
    assert len(face.calls) == before + 1


def test_onnx_runtime_answers_until_the_gpu_does_and_nothing_changes(rig):
    before = rig.encode()
    rig.step()
    assert np.array_equal(rig.encode(), before)


def test_a_missing_engine_is_built_and_progress_is_told_in_tens(make_rig):
    rig = make_rig()
    rig.step()
    shares = [detail["reason"].split("(")[1].split(")")[0] for state, detail in rig.told if state == "degraded"]
    assert shares == ["0 %", "10 %", "20 %", "34 %", "100 %"]
    assert rig.told[0][1]["reason"].startswith("building the engine for Orin (0 %)")
    assert rig.told[0][1]["engine"] == "onnx"
    assert rig.told[-1] == ON_GPU
    assert rig.builder.builds == [False]


@pytest.mark.parametrize("fails", [False, True])
def test_whoever_waits_for_the_service_to_start_knows_that_an_engine_is_being_built(make_rig, fails):
    rig, seen = make_rig(), []
    save = rig.builder.save

    def look_and_save():
        seen.append(rig.accelerator.building)
        if fails:
            raise EngineError("no memory left")
        save()

    rig.builder.save = look_and_save
    assert not rig.accelerator.building
    rig.step()
    assert seen == [True]
    assert not rig.accelerator.building


@pytest.mark.parametrize("ending", [".plan", ".json"])
def test_a_damaged_engine_is_built_again(rig, ending):
    for path in rig.store.folder.glob(f"*face*{ending}"):
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    rig.step()
    assert rig.builder.builds == [False]
    assert rig.told[-1] == ON_GPU


def test_another_release_of_tensorrt_has_its_own_engine(rig):
    rig.backend.there = type(ORIN)(**{**vars(ORIN), "version": "10.7.0"})
    rig.step()
    assert rig.builder.builds == [False]
    assert rig.told[-1] == ON_GPU


def test_an_engine_that_was_refused_is_not_built_again(make_rig):
    rig = make_rig()
    rig.builder.script = [BuildRefusedError("probabilities differ by 0.3.")] * 2
    rig.step()
    assert rig.state == "degraded"
    assert "refused: probabilities differ by 0.3; ONNX Runtime does the work" in rig.reason
    for _ in range(4):
        rig.step(after_s=600)
    assert rig.builder.builds == [False]
    assert "refused: probabilities differ by 0.3;" in rig.reason
    rig.backend.there = type(ORIN)(**{**vars(ORIN), "version": "10.7.0"})
    rig.step(after_s=600)
    assert rig.builder.builds == [False, False], "for another key it is another build"


def test_a_build_that_fails_is_repeated_with_patience_but_not_for_ever(make_rig):
    rig = make_rig()
    rig.builder.script = [EngineError("the compiler was killed by signal 9")] * 2 * MOST_BUILDS
    rig.step()
    assert "could not be built: the compiler was killed by signal 9; ONNX Runtime" in rig.reason
    assert "next attempt in 30 s" in rig.reason
    rig.step(after_s=29)
    assert len(rig.builder.builds) == 1
    rig.step(after_s=1)
    assert len(rig.builder.builds) == 2
    for _ in range(MOST_BUILDS + 5):
        rig.step(after_s=600)
    assert len(rig.builder.builds) == MOST_BUILDS
    assert f"in {MOST_BUILDS} attempts" in rig.reason


def test_a_build_that_leaves_nothing_usable_is_not_repeated_for_ever(make_rig):
    rig = make_rig()
    rig.builder.save = lambda: None
    for _ in range(MOST_BUILDS + 5):
        rig.step(after_s=600)
    assert len(rig.builder.builds) == MOST_BUILDS


def test_where_nothing_may_be_built_one_that_appears_is_taken(make_rig):
    rig = make_rig(tensorrt={"precision": "fp32", "build": False})
    rig.step()
    assert rig.state == "degraded"
    assert "engines yet; run edge-engines build, or set tensorrt.build = true; ONNX Runtime" in rig.reason
    rig.builder.save()
    rig.step(after_s=30)
    assert rig.told[-1] == ON_GPU
    assert rig.builder.builds == []


def test_an_engine_that_tensorrt_rejects_is_built_anew_once(rig):
    rig.backend.loading["head"] = lambda: (_ for _ in ()).throw(PlanRejectedError("TensorRT does not take it."))
    rig.step()
    assert rig.fast == [False, False]
    assert "TensorRT does not take it;" in rig.reason
    rig.step(after_s=30)
    assert rig.builder.builds == [True]
    for _ in range(3):
        rig.step(after_s=600)
    assert rig.builder.builds == [True]
    assert rig.state == "degraded"
    rig.backend.loading.clear()
    for graph in GRAPHS:
        rig.store.save(Plan(key_of(graph, ORIN, "fp32"), b"built by hand", {"crops": "crops"}), {})
    rig.step(after_s=600)
    assert rig.told[-1] == ON_GPU, "another one that appears is tried"


def test_a_student_without_that_precision_is_told(make_rig, monkeypatch):
    rig = make_rig()
    monkeypatch.setattr(
        type(rig.card), "graph_path", lambda *_: (_ for _ in ()).throw(EngineError("there is no int8."))
    )
    rig.step()
    assert "there is no int8;" in rig.reason


@pytest.mark.parametrize(
    ("graph", "fault"),
    [
        ("face", RUN_TIME_FAULTS["a CUDA error"]),
        ("head", RUN_TIME_FAULTS["no words"]),
        ("face", RUN_TIME_FAULTS["a row less"]),
        ("head", RUN_TIME_FAULTS["nothing"]),
        ("face", filled(float("nan"))),
        ("face", shifted),
        ("head", at_call(23, shifted)),
    ],
)
def test_a_gpu_that_fails_its_trial_is_not_used(graph, fault, rig):
    rig.backend.faults[graph] = lambda: fault
    before = rig.encode()
    rig.step()
    assert rig.fast == [False, False]
    assert rig.state == "degraded"
    assert rig.status.detail["engine"] == "onnx"
    assert not any(engine.active for engine in rig.backend.opened), "all of it is freed"
    assert np.array_equal(rig.encode(), before)
    rig.backend.faults.clear()
    rig.step(after_s=29)
    assert rig.fast == [False, False]
    rig.step(after_s=1)
    assert rig.fast == [True, True]
    assert rig.told[-1] == ON_GPU


@pytest.mark.parametrize(
    "error", [MemoryError(), CudaLikeError("out of memory"), EngineError("out of memory"), SystemExit(1)]
)
def test_memory_that_is_lacking_when_it_loads(error, rig):
    rig.backend.loading["head"] = lambda: raising(error)({})
    rig.step()
    assert rig.state == "degraded"
    assert rig.fast == [False, False]
    assert not any(engine.active for engine in rig.backend.opened)
    assert rig.builder.builds == []


def test_the_trial_has_the_tolerances_that_a_plan_was_accepted_with():
    assert {precision: one.most for precision, one in TOLERANCES.items()} == MOST_ERROR
    assert set(MOST_ERROR) == set(PRECISIONS)


def test_a_driver_that_hangs_is_asked_no_more_than_three_times(make_rig, release, monkeypatch):
    monkeypatch.setattr(accelerator, "TARGET_LIMIT_S", 0.05)
    rig = make_rig(engine="tensorrt")
    rig.builder.save()
    rig.backend.asking = lambda: Hang(release)({})
    for _ in range(6):
        rig.step(after_s=600)
    assert rig.backend.asked == accelerator.MOST_LEFT
    assert "driver hangs; restart" in rig.reason
    assert not rig.accelerator.stopped
    release.set()
    rig.backend.asking = lambda: None
    until(lambda: rig.accelerator.stopped, "the driver has answered")
    rig.step(after_s=600)
    assert rig.told[-1] == ON_GPU


def test_an_engine_that_hangs_in_its_trial_is_left_behind(rig, release, monkeypatch):
    monkeypatch.setattr(attended_engine, "WARM_LIMIT_S", 0.1)
    rig.backend.faults["face"] = lambda: Hang(release)
    rig.step()
    assert rig.fast == [False, False]
    assert "does not answer" in rig.reason
    rig.backend.faults.clear()
    rig.step(after_s=30)
    assert rig.told[-1] == ON_GPU
