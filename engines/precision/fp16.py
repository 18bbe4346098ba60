"""A graph in half floats, typed node by node, as a strongly typed TensorRT network takes it.

Converters of whole graphs round what runs between two nodes that are kept in fp32 as well; this one casts only where
the type changes, so what is kept loses nothing.
"""

from __future__ import annotations

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from edge.errors import EdgeError
from engines.precision.proto import finished, tensor_types

_HEAVY = frozenset({"Conv", "Gemm", "MatMul"})
"""Where nearly all of the time goes: always half, but for a graph's last layers."""
_LIGHT = frozenset(
    {"Relu", "Add", "Mul", "Sigmoid", "Tanh", "AveragePool", "Transpose", "Reshape", "Squeeze", "Unsqueeze"}
)
"""Half when all that they are given is half. What is in neither list adds up, divides or takes roots: squares of grays
would overflow, and long sums lose digits, so it stays in fp32."""


def to_fp16(model: ModelProto) -> ModelProto:
    """The same graph in half floats; inputs, outputs and their names stay as they are, in fp32.

    What makes the first output and everything after it stays in fp32 too: the last layers decide, and cost nothing.
    Raises EdgeError when a weight does not fit into half a float.
    """
    half = _Half(model)
    last = _deciding(model)
    for node in model.graph.node:
        half.take(node, may=node.output[0] not in last)
    return finished(half.model())


class _Half:
    """The new graph, node by node in the old one's order."""

    def __init__(self, model: ModelProto) -> None:
        self._model = model
        self._types = tensor_types(model)
        self._weights = {tensor.name: tensor for tensor in model.graph.initializer}
        self._half: set[str] = set()
        self._made: dict[tuple[str, int], str] = {}
        self._nodes: list[NodeProto] = []

    def take(self, node: NodeProto, *, may: bool) -> None:
        """One node, after those that make its inputs; `may` it compute in half?"""
        half = may and self._computes_in_half(node)
        made = NodeProto()
        made.CopyFrom(node)
        made.input[:] = [self._given(name, half) for name in node.input]
        self._nodes.append(made)
        if half:
            self._half.update(node.output)

    def model(self) -> ModelProto:
        """All that was taken; weights that nobody reads any more are left out."""
        made = ModelProto()
        made.CopyFrom(self._model)
        graph = made.graph
        used = {name for node in self._nodes for name in node.input}
        del graph.node[:], graph.initializer[:]
        graph.node.extend(self._nodes)
        graph.initializer.extend(tensor for tensor in self._weights.values() if tensor.name in used)
        return made

    def _computes_in_half(self, node: NodeProto) -> bool:
        if node.op_type in _HEAVY:
            return True
        floats = [name for name in node.input if self._is_float(name) and name not in self._weights]
        return node.op_type in _LIGHT and bool(floats) and all(name in self._half for name in floats)

    def _is_float(self, name: str) -> bool:
        return self._types.get(name) == TensorProto.FLOAT

    def _given(self, name: str, half: bool) -> str:
        """The name of that tensor in the type that a node wants; a cast or a converted weight is made once."""
        if not self._is_float(name) or (name in self._half) == half:
            return name
        wanted = TensorProto.FLOAT16 if half else TensorProto.FLOAT
        made = self._made.get((name, wanted))
        if made is None:
            made = self._made[name, wanted] = f"{name}_{'half' if half else 'float'}"
            if name in self._weights:
                self._weights[made] = _half_tensor(self._weights[name], made)
            else:
                self._nodes.append(helper.make_node("Cast", [name], [made], name=f"cast_{made}", to=wanted))
        return made


def _half_tensor(tensor: TensorProto, name: str) -> TensorProto:
    values = numpy_helper.to_array(tensor)
    with np.errstate(over="ignore"):
        halves = values.astype(np.float16)
    if not np.isfinite(halves).all():
        raise EdgeError(f"The weight {tensor.name} holds {np.abs(values).max():g}: more than half a float can hold.")
    return numpy_helper.from_array(halves, name)


def _deciding(model: ModelProto) -> set[str]:
    """What makes an output of the graph, and everything computed of it."""
    found = {output.name for output in model.graph.output}
    for node in model.graph.node:
        if found & {*node.input, *node.output}:
            found.update(node.output)
    return found
