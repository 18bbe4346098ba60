"""Small networks in the face encoder's place, with one thing wrong each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

onnx = pytest.importorskip("onnx", reason="onnx is not installed: pip install 'edge-emotion[train]'")

from onnx import TensorProto, helper  # noqa: E402  (behind the skip)

CROPS = ("n", 1, 128, 128)


def graph(nodes: Sequence[Any], shape: Sequence[int | str] = CROPS, domains: Sequence[str] = ()) -> bytes:
    """From "crops" to "embeddings", both float."""
    inputs = [helper.make_tensor_value_info("crops", TensorProto.FLOAT, list(shape))]
    outputs = [helper.make_tensor_value_info("embeddings", TensorProto.FLOAT, list(shape))]
    sets = [helper.make_opsetid("", 18), *(helper.make_opsetid(domain, 1) for domain in domains)]
    model = helper.make_model(helper.make_graph(list(nodes), "face", inputs, outputs), opset_imports=sets, ir_version=9)
    content: bytes = model.SerializeToString()
    return content


def custom_operator() -> bytes:
    """An operator of somebody's own."""
    return graph(
        [helper.make_node("Secret", ["crops"], ["embeddings"], name="my_node", domain="mine")], domains=["mine"]
    )


def missing_input() -> bytes:
    """A node that reads what nobody writes."""
    return graph([helper.make_node("Add", ["crops", "nobody"], ["embeddings"], name="add")])


def cycle() -> bytes:
    """Two nodes that wait for each other."""
    nodes = [helper.make_node("Add", ["crops", "back"], ["embeddings"], name="there")]
    return graph([*nodes, helper.make_node("Relu", ["embeddings"], ["back"], name="back_again")])


def wrong_shapes() -> bytes:
    """A product of matrices that do not fit."""
    weights = helper.make_tensor("weights", TensorProto.FLOAT, [3, 4], [1.0] * 12)
    constant = helper.make_node("Constant", [], ["weights"], value=weights)
    return graph([constant, helper.make_node("MatMul", ["crops", "weights"], ["embeddings"], name="product")])


def unsupported_operator() -> bytes:
    """Standard ONNX that TensorRT has not learned."""
    return graph([helper.make_node("Det", ["crops"], ["embeddings"], name="determinant")])


def other_shape() -> bytes:
    """Right names, another size."""
    return graph([helper.make_node("Relu", ["crops"], ["embeddings"])], shape=("n", 3, 64, 64))


def fixed_batch() -> bytes:
    """One face only, whatever the profile says."""
    return graph([helper.make_node("Relu", ["crops"], ["embeddings"])], shape=(1, 1, 128, 128))
