"""A student's ONNX file as a torch network, so that gradients flow through what is shipped, not through a likeness."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from edge.errors import EdgeError
from edge.infer.onnx_engine import OnnxEngine
from engines.explanation.operators import OPERATORS

TOLERANCE = 1e-4


class OnnxNetwork(nn.Module):
    """Runs the graph of `path` node by node. Raises EdgeError for a file that is none, or has an unknown operator."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        try:
            graph = onnx.load(path).graph
        except Exception as error:
            raise EdgeError(f"The model file {path} cannot be read ({error}): export the student again.") from error
        strange = sorted({node.op_type for node in graph.node} - OPERATORS.keys())
        if strange:
            raise EdgeError(f"{path} uses {', '.join(strange)}, for which there are no gradients here.")
        self._nodes = list(graph.node)
        self._attributes = [{one.name: _attribute(one) for one in node.attribute} for node in graph.node]
        self._constants = {one.name: torch.from_numpy(numpy_helper.to_array(one).copy()) for one in graph.initializer}
        self.inputs = tuple(one.name for one in graph.input)
        self.outputs = tuple(one.name for one in graph.output)

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """One tensor for each of `inputs`, in order; one for each of `outputs`."""
        known: dict[str, Any] = {**self._constants, "": None, **dict(zip(self.inputs, inputs, strict=True))}
        for node, given in zip(self._nodes, self._attributes, strict=True):
            made = OPERATORS[node.op_type]([known[name] for name in node.input], given)
            known.update(zip(node.output, made if isinstance(made, list) else [made], strict=False))
        return tuple(known[name] for name in self.outputs)

    def check(self, path: Path, *inputs: Tensor) -> None:
        """Raises EdgeError when ONNX Runtime says anything else about `inputs` by more than TOLERANCE."""
        with torch.no_grad():
            own = self(*inputs)
        feeds = {name: value.numpy() for name, value in zip(self.inputs, inputs, strict=True)}
        with OnnxEngine(path) as engine:
            theirs = engine.infer(feeds)
        pairs = zip(self.outputs, own, strict=True)
        worst = max(float(np.abs(value.numpy() - theirs[name]).max()) for name, value in pairs)
        if not worst <= TOLERANCE:
            raise EdgeError(f"{path.name} in torch differs by {worst:.1e} from ONNX Runtime: it cannot be explained.")


def _attribute(one: onnx.AttributeProto) -> Any:
    value = onnx.helper.get_attribute_value(one)
    return torch.from_numpy(numpy_helper.to_array(value).copy()) if one.type == onnx.AttributeProto.TENSOR else value
