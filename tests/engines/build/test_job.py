"""Which plans are built, compared and kept. Only the GPU's part, the compiler and the verdict, is played."""

import json

import pytest

from edge.infer.engine import EngineError
from edge.infer.plan_key import PlanTarget
from edge.infer.plan_store import PlanMissingError, PlanStore
from edge.infer.student_plan import student_plan_key
from engines.build.accept import PlanRefusedError
from engines.build.compiler import Compiled
from engines.build.config import BuildOptions
from engines.build.job import BuildRequest, PlanJob

TARGET = PlanTarget("tensorrt", "10.3.0", "87", "Orin", "36.4.3")
PARITY = {"measured": "the plans on Orin", "max": 0.001}


class Compiler:
    """Its plan of a graph says which build it comes from."""

    origin, name = "onnx", "tensorrt 10.3.0"

    def __init__(self):
        self.asked = []
        self.fails_at = None

    def compile(self, source, options, phases):
        self.asked.append(source.graph)
        if source.graph == self.fails_at:
            raise EngineError("The compiler gave up.")
        phases.start("Building", None, 2)
        phases.step("Building", 0)
        phases.finish("Building")
        return Compiled(f"{source.graph} of build {len(self.asked)}".encode(), {"crops": "crops"})


class Judge:
    def __init__(self):
        self.judged = []
        self.refuses = False

    def __call__(self, plans, watch):
        self.judged.append({graph: plan.data for graph, plan in plans.items()})
        watch(0.5)
        watch(1.0)
        if self.refuses:
            raise PlanRefusedError("The plans say something else.")
        return PARITY


class Steps:
    def __init__(self):
        self.told = []

    def tell(self, step):
        self.told.append(step)

    def close(self):
        pass


@pytest.fixture
def bench(card, tmp_path):
    class Bench:
        compiler, judge, steps = Compiler(), Judge(), Steps()
        store = PlanStore(tmp_path / "engines")

        def build(self, **changes):
            asked = {"precision": "fp16", "faces": 8, "target": TARGET, "options": BuildOptions(), **changes}
            return PlanJob(BuildRequest(card, **asked), self.compiler, self.judge, self.store, self.steps).run()

        def load(self, graph):
            return self.store.load(student_plan_key(card, graph, "fp16", TARGET))

    return Bench()


def test_both_plans_are_kept_where_the_daemon_looks_for_them(bench):
    entries = bench.build()
    assert [(entry.graph, entry.path.is_file(), entry.seconds is not None) for entry in entries] == [
        ("face", True, True),
        ("head", True, True),
    ]
    assert bench.load("face").data == b"face of build 1"
    facts = json.loads(entries[0].path.with_suffix(".json").read_text())["facts"]
    assert facts["parity"] == PARITY
    assert facts["workspace_mb"] == 2048
    assert facts["compiler"] == "tensorrt 10.3.0"
    assert facts["flags"] == ["STRONGLY_TYPED"]
    assert set(facts) >= {"built", "build_s", "from", "file"}


def test_what_is_there_is_not_built_again(bench):
    bench.build()
    assert [entry.seconds for entry in bench.build()] == [None, None]
    assert bench.compiler.asked == ["face", "head"]
    assert len(bench.judge.judged) == 1


def test_force_builds_both_again(bench):
    bench.build()
    bench.build(force=True)
    assert bench.load("face").data == b"face of build 3"


def test_a_damaged_plan_alone_is_built_again_and_judged_with_the_other(bench):
    face, _head = bench.build()
    face.path.write_bytes(b"Face of build 1")
    entries = bench.build()
    assert [entry.seconds is None for entry in entries] == [False, True]
    assert bench.judge.judged[-1] == {"face": b"face of build 3", "head": b"head of build 2"}
    assert bench.load("face").data == b"face of build 3"


@pytest.mark.parametrize(
    "changes",
    [{"precision": "int8"}, {"faces": 4}, {"target": PlanTarget("tensorrt", "10.7.0", "87", "Orin", "36.4.3")}],
)
def test_another_key_is_another_plan(bench, changes):
    first = {entry.path for entry in bench.build()}
    assert not first & {entry.path for entry in bench.build(**changes)}
    assert len(bench.compiler.asked) == 4


def test_a_plan_that_says_something_else_is_not_kept(bench):
    bench.judge.refuses = True
    with pytest.raises(PlanRefusedError):
        bench.build()
    with pytest.raises(PlanMissingError):
        bench.load("face")


def test_a_refused_build_leaves_the_plans_that_were_there(bench):
    bench.build()
    bench.judge.refuses = True
    with pytest.raises(PlanRefusedError):
        bench.build(force=True)
    assert bench.load("face").data == b"face of build 1"


def test_a_compiler_that_fails_at_the_second_graph_keeps_nothing(bench):
    bench.compiler.fails_at = "head"
    with pytest.raises(EngineError, match="gave up"):
        bench.build()
    with pytest.raises(PlanMissingError):
        bench.load("face")


def test_a_folder_that_takes_no_plans_is_told_before_the_work(bench):
    bench.store.folder.write_text("a file in its place")
    with pytest.raises(EngineError, match="takes no plans"):
        bench.build()
    assert bench.compiler.asked == []


def test_the_share_that_is_done_only_grows_and_reaches_the_end(bench):
    bench.build()
    done = [step.done for step in bench.steps.told]
    assert done == sorted(done)
    assert done[-1] == pytest.approx(1.0)
    assert {step.graph for step in bench.steps.told} == {"face", "head", "student"}
