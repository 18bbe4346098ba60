"""A plan is kept only when it says what ONNX Runtime says: here ONNX Runtime itself stands in for the GPU."""

import pytest

from edge.infer.engine import EngineError
from edge.infer.onnx_engine import OnnxEngine
from edge.infer.plan_key import PlanTarget
from edge.infer.plan_store import Plan
from edge.infer.student_plan import student_plan_key
from engines.build.accept import Acceptance, PlanRefusedError
from engines.parity.made_up import made_up_feeds

TARGET = PlanTarget("tensorrt", "10.3.0", "87", "Orin", "36.4.3")


def feeder(_face, _embedding_size):
    return made_up_feeds(6)


class Off(OnnxEngine):
    """Says everything but a little."""

    by = 0.0

    def infer(self, feeds):
        return {name: value * (1 + self.by) for name, value in super().infer(feeds).items()}


class Gpu:
    """Opens a plan as the ONNX file that it is made from; `faults` are by graph."""

    def __init__(self, card, precision="fp32", **faults):
        self.card, self.precision, self.faults = card, precision, faults
        self.opened = []

    def open(self, plan):
        engine = Off(self.card.graph_path(plan.key.graph, self.precision))
        engine.by = self.faults.get(plan.key.graph, 0.0)
        self.opened.append(engine)
        return engine


def judged(card, gpu, precision="fp32", watch=lambda _share: None):
    plans = {graph: Plan(student_plan_key(card, graph, precision, TARGET), b"", {}) for graph in ("face", "head")}
    return Acceptance(card, precision, 8, feeder).of_plans(gpu, plans, "Orin", watch)


def test_plans_that_say_the_same_are_accepted_and_the_figures_are_told(card):
    shares = []
    told = judged(card, Gpu(card), watch=shares.append)
    assert told["measured"] == "the plans on Orin"
    assert told["agreement"] == 1.0
    assert told["max"] < 1e-6
    assert told["rows"] > 20
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)


@pytest.mark.parametrize("graph", ["face", "head"])
def test_one_graph_that_is_off_is_refused(card, graph):
    with pytest.raises(PlanRefusedError, match=r"is REFUSED as fp32: .*Nothing is kept"):
        judged(card, Gpu(card, **{graph: 0.2}))


@pytest.mark.parametrize("graph", ["face", "head"])
def test_what_is_no_number_is_refused(card, graph):
    with pytest.raises(PlanRefusedError, match="no number"):
        judged(card, Gpu(card, **{graph: float("nan")}))


def test_a_gpu_that_fails_is_no_refusal_and_leaves_nothing_open(card):
    class Failing(Gpu):
        def open(self, plan):
            engine = super().open(plan)
            if plan.key.graph == "head":

                def fail(_feeds):
                    raise EngineError("the GPU is out of memory")

                engine.infer = fail
            return engine

    gpu = Failing(card)
    with pytest.raises(EngineError, match="out of memory") as caught:
        judged(card, gpu)
    assert not isinstance(caught.value, PlanRefusedError)
    for engine in gpu.opened:
        with pytest.raises(EngineError, match="not active"):
            OnnxEngine.infer(engine, {})


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_where_no_plan_can_run_the_files_are_compared_and_the_manifest_says_so(card, precision):
    told = Acceptance(card, precision, 8, feeder).of_files(lambda _share: None)
    assert "not the plans" in told["measured"]
    assert told["max"] <= {"fp32": 0.0, "fp16": 1e-2}[precision]
