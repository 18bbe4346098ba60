"""The row of builds, with NVIDIA's own compiler: TensorRT for RTX needs no GPU for that."""

from __future__ import annotations

import pytest

from edge.errors import UsageError
from edge.infer.card import load_card
from edge.infer.plan_key import PlanTarget
from engines.gpu_bench.compiling import compiler_of
from engines.gpu_bench.plans import built

pytest.importorskip("tensorrt_rtx", reason="tensorrt_rtx is not installed: pip install tensorrt-rtx")


def test_both_graphs_are_compiled_timed_and_keyed():
    import tensorrt_rtx

    told = []
    target = PlanTarget("rtx", str(tensorrt_rtx.__version__), "86", "", "")
    compiler = compiler_of(tensorrt_rtx, 86)
    plans, builds = built(load_card(), "fp16", 2, target, compiler, lambda *word: told.append(word))
    assert [(one.graph, one.precision) for one in builds] == [("face", "fp16"), ("head", "fp16")]
    assert all(one.seconds > 0 and one.size_bytes == len(plans[one.graph].data) > 500_000 for one in builds)
    assert {graph: plan.key.target for graph, plan in plans.items()} == {"face": target, "head": target}
    assert sum(done for _words, done in told) == 2
    assert [words for words, _done in told if words.endswith("%")], "a build of minutes shows how far it is"


def test_what_cannot_be_compiled_is_one_sentence():
    import tensorrt_rtx

    target = PlanTarget("rtx", str(tensorrt_rtx.__version__), "87", "", "")
    with pytest.raises(UsageError, match="SM 87"):
        built(load_card(), "fp16", 1, target, compiler_of(tensorrt_rtx, 87), lambda *_: None)
