"""Eight bits by Q/DQ pairs in the ONNX file, which every TensorRT from 10 on takes as it stands."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import onnx
from onnx import ModelProto
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static

from edge.infer.engine import Feeds

_OPERATORS = ("Conv", "Gemm", "MatMul")


class _Reader(CalibrationDataReader):  # type: ignore[misc]
    """Hands out one batch after the other."""

    def __init__(self, feeds: Iterable[Feeds]) -> None:
        self._feeds: Iterator[Feeds] = iter(feeds)

    def get_next(self) -> Feeds | None:
        """None after the last."""
        return next(self._feeds, None)


def to_int8(source: Path, feeds: Iterable[Feeds], *, keep: Iterable[str] = ()) -> ModelProto:
    """The network of `source` with convolutions and matrices in int8, their ranges taken from `feeds`.

    Symmetric, weights by channel, as TensorRT wants them; biases and all else stay float32. `keep`: nodes left out.
    """
    logging.getLogger("onnxruntime.quantization").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as name:
        target = Path(name) / source.name
        quantize_static(
            str(source),
            str(target),
            _Reader(feeds),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=list(_OPERATORS),
            per_channel=True,
            activation_type=QuantType.QInt8,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=list(keep),
            calibrate_method=CalibrationMethod.MinMax,
            extra_options={"ActivationSymmetric": True, "WeightSymmetric": True, "QuantizeBias": False},
        )
        model = onnx.load(target)
    onnx.checker.check_model(model, full_check=True)
    return model
