"""What every ONNX file of ours has to be: checked, with shapes, without the exporter's notes, always the same bytes."""

from __future__ import annotations

import hashlib
from pathlib import Path

import onnx
from onnx import ModelProto, shape_inference


def without_notes(model: ModelProto) -> ModelProto:
    """Take the exporter's notes out: source paths of this machine have no place in a published file."""
    for part in (
        *model.graph.node,
        *model.graph.value_info,
        *model.graph.input,
        *model.graph.output,
        *model.graph.initializer,
        model.graph,
        model,
    ):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    onnx.checker.check_model(model, full_check=True)
    return model


def finished(model: ModelProto) -> ModelProto:
    """A derived graph with the types of its tensors inferred anew, checked and without notes."""
    del model.graph.value_info[:]
    return without_notes(shape_inference.infer_shapes(model, strict_mode=True))


def tensor_types(model: ModelProto) -> dict[str, int]:
    """Element type of every tensor by name."""
    graph = shape_inference.infer_shapes(model, strict_mode=True).graph
    types = {tensor.name: int(tensor.data_type) for tensor in graph.initializer}
    for value in (*graph.input, *graph.value_info, *graph.output):
        types[value.name] = int(value.type.tensor_type.elem_type)
    return types


def write(model: ModelProto, path: Path) -> None:
    """The same model gives the same bytes."""
    path.write_bytes(model.SerializeToString(deterministic=True))


def sha256(*paths: Path) -> str:
    """Over the files' bytes, one after the other."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()
