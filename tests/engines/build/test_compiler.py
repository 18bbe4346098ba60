"""NVIDIA's own parser and compiler, through our builder, on the student that is shipped."""

import numpy as np
import pytest

from edge.errors import UsageError
from edge.infer.card import GRAPHS
from edge.infer.onnx_engine import OnnxEngine
from edge.infer.trt_logger import trt_logger
from engines.build.compiler import BuildCancelledError, compile_graph
from engines.build.config import BuildOptions, make_config
from engines.build.network import parse
from engines.build.phases import Phases
from engines.build.source import GraphSource

SMS = (86, 89, 120)
TENSORS = {
    "face": {"crops", "embeddings"},
    "head": {"embeddings", "video_mask", "sound", "sound_mask", "fused", "video", "audio"},
}


@pytest.mark.parametrize("precision", ["fp32", "fp16", "int8"])
@pytest.mark.parametrize("faces", [1, 8])
@pytest.mark.parametrize("graph", GRAPHS)
def test_the_shipped_student_compiles_for_each_gpu(rtx, card, graph, faces, precision):
    source = GraphSource.read(card, graph, precision, faces)
    for sm in SMS:
        phases = Phases()
        compiled = compile_graph(rtx, source, BuildOptions(sm=sm), phases)
        assert len(compiled.data) > 1_000_000
        assert compiled.tensors == {name: name for name in TENSORS[graph]}
        assert phases.fraction == 1.0


def test_plans_for_different_gpus_differ(rtx, card):
    source = GraphSource.read(card, "face", "fp16", 8)
    plans = {compile_graph(rtx, source, BuildOptions(sm=sm), Phases()).data for sm in (86, 120)}
    assert len(plans) == 2


def test_a_gpu_that_the_compiler_does_not_know_is_named(rtx, card):
    source = GraphSource.read(card, "face", "fp32", 1)
    with pytest.raises(UsageError, match=r"SM 87: name one of .*86, 89, 120"):
        compile_graph(rtx, source, BuildOptions(sm=87), Phases())


def test_a_build_that_is_cancelled_stops_before_its_end(rtx, card):
    source = GraphSource.read(card, "head", "fp32", 8)
    phases = Phases()
    phases.cancel()
    with pytest.raises(BuildCancelledError, match="nothing of it is kept"):
        compile_graph(rtx, source, BuildOptions(sm=86), phases)
    assert phases.fraction < 0.5


def test_the_workspace_and_the_types_are_what_is_asked_for(rtx, card):
    logger = trt_logger(rtx)
    builder = rtx.Builder(logger)
    for precision, tf32 in (("fp32", False), ("fp16", True)):
        source = GraphSource.read(card, "head", precision, 8)
        config = make_config(rtx, builder, source, BuildOptions(workspace_mb=512, sm=86))
        assert config.get_memory_pool_limit(rtx.MemoryPoolType.WORKSPACE) == 512 << 20
        assert config.get_flag(rtx.BuilderFlag.TF32) is tf32
        assert config.num_optimization_profiles == 1
        parsed = parse(rtx, builder, logger, source)
        assert parsed.network.get_flag(rtx.NetworkDefinitionCreationFlag.STRONGLY_TYPED)
        tensors = [parsed.network.get_input(number) for number in range(parsed.network.num_inputs)]
        tensors += [parsed.network.get_output(number) for number in range(parsed.network.num_outputs)]
        assert {tensor.dtype for tensor in tensors} == {rtx.float32}


def test_precisions_are_in_the_file_not_in_the_flags(rtx, card):
    sources = {precision: GraphSource.read(card, "face", precision, 8) for precision in ("fp32", "fp16")}
    plans = {name: compile_graph(rtx, source, BuildOptions(sm=86), Phases()).data for name, source in sources.items()}
    assert len(plans["fp16"]) < 0.9 * len(plans["fp32"])


@pytest.mark.parametrize("graph", GRAPHS)
def test_the_profile_fits_what_onnx_runtime_takes(card, graph):
    source = GraphSource.read(card, graph, "fp32", 8)
    with OnnxEngine(source.path) as engine:
        for place in range(3):
            feeds = {name: np.ones(shapes[place], np.float32) for name, shapes in source.profile.items()}
            sizes = {len(value) for value in engine.infer(feeds).values()}
            assert sizes == {next(iter(feeds.values())).shape[0]}
