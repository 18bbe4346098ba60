"""Eight bits by Q/DQ pairs in the ONNX file, as a strongly typed TensorRT network takes them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import onnx
from onnx import ModelProto, NodeProto
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.quant_utils import add_pre_process_metadata

from edge.infer.engine import Feeds
from engines.precision.proto import finished

_OPERATORS = ["Conv"]
"""Nine tenths of the multiply-adds. The matrices are too small to pay for their Q/DQ, and cost labels."""
_OPTIONS = {
    "ActivationSymmetric": True,  # zero points of 0: TensorRT takes no others
    "WeightSymmetric": True,
    "QuantizeBias": False,  # TensorRT takes no int32 biases with Q/DQ of their own
    "AddQDQPairToWeight": True,  # older TensorRT takes no int8 constants
    "OpTypesToExcludeOutputQuantization": _OPERATORS,  # rounded after Relu, where the next one reads it: once
}


def to_int8(source: Path, feeds: Iterable[Feeds]) -> ModelProto:
    """The network of `source` with its convolutions in int8, the largest values of `feeds` as their ranges.

    Symmetric, weights by channel; the rest, inputs and outputs stay float32. The same feeds give the same bytes.
    """
    model = onnx.load(source)
    add_pre_process_metadata(model)  # the exporter has folded constants and batch norms
    with tempfile.TemporaryDirectory() as name:
        target = Path(name) / source.name
        quantize_static(
            model,
            str(target),
            _Reader(feeds),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=_OPERATORS,
            per_channel=True,
            activation_type=QuantType.QInt8,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=[node.name for node in model.graph.node if _stays(node, model)],
            calibrate_method=CalibrationMethod.MinMax,
            extra_options=_OPTIONS,
        )
        made = onnx.load(target)
    made.producer_name, made.producer_version = model.producer_name, model.producer_version
    return finished(made)


def _stays(node: NodeProto, model: ModelProto) -> bool:
    """The first convolution sees the picture or the sound itself; one by channel has next to nothing to multiply."""
    if node.op_type != "Conv":
        return False
    first = next(other for other in model.graph.node if other.op_type == "Conv")
    groups = next((attribute.i for attribute in node.attribute if attribute.name == "group"), 1)
    return node.name == first.name or groups > 1


class _Reader(CalibrationDataReader):  # type: ignore[misc]
    """Hands out one batch after the other."""

    def __init__(self, feeds: Iterable[Feeds]) -> None:
        self._feeds: Iterator[Feeds] = iter(feeds)

    def get_next(self) -> Feeds | None:
        """None after the last."""
        return next(self._feeds, None)
