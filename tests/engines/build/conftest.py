from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from edge.infer.card import load_card
from edge.infer.plan_shapes import profile
from engines.build.source import GraphSource


@pytest.fixture(scope="session")
def rtx():
    """NVIDIA's compiler, which needs no GPU."""
    return pytest.importorskip("tensorrt_rtx", reason="TensorRT for RTX is not installed: pip install tensorrt-rtx")


@pytest.fixture(scope="session")
def card():
    return load_card()


@pytest.fixture
def face_source():
    """A source of the face graph with any bytes in place of the student's."""

    def make(data, shapes=None):
        shapes = shapes or profile("face", embedding_size=96)
        return GraphSource("face", "fp32", Path("some.onnx"), data, hashlib.sha256(data).hexdigest(), shapes)

    return make
