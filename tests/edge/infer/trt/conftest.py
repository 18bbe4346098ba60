"""A GPU that forgives nothing, and ONNX Runtime to compare with."""

from __future__ import annotations

import gc

import pytest

from edge.infer.onnx_engine import OnnxEngine
from tests.edge.infer.trt.feeds import CARD
from tests.gpu.stand_in_gpu import StandInGpu


@pytest.fixture(scope="module")
def reference():
    """ONNX Runtime's answers."""
    with OnnxEngine(CARD.face_path) as face, OnnxEngine(CARD.head_path) as head:
        yield {"face": face, "head": head}


@pytest.fixture(params=[True, False], ids=["integrated", "discrete"])
def gpu(request):
    """A stand-in on which no test may leave anything, or do what the real one punishes."""
    gpu = StandInGpu(integrated=request.param)
    yield gpu
    gc.collect()
    assert gpu.machine.mistakes == []
    assert gpu.machine.contexts() == []
    assert gpu.left() == {}
    assert gpu.machine.live["context"] <= 1  # retained once for all engines
