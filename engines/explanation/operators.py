"""ONNX operators in torch (opset 18), as far as students use them: each takes its inputs and its attributes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

Inputs = Sequence[Any]
"""Tensors, None where an optional input is left out."""
Attributes = dict[str, Any]
Operator = Callable[[Inputs, Attributes], Tensor | list[Tensor]]

_TYPES = {1: torch.float32, 6: torch.int32, 7: torch.int64, 9: torch.bool, 10: torch.float16, 11: torch.float64}


def _whole(value: Tensor) -> list[int]:
    return [int(one) for one in value.flatten().tolist()]


def _axes(inputs: Inputs, given: Attributes) -> list[int]:
    """Axes as second input (opset 13 and 18) or as attribute (before)."""
    if len(inputs) > 1 and inputs[1] is not None:
        return _whole(inputs[1])
    return list(given.get("axes", []))


def _reduced(reduce: Callable[..., Tensor]) -> Operator:
    def run(inputs: Inputs, given: Attributes) -> Tensor:
        axes = _axes(inputs, given) or list(range(inputs[0].dim()))
        return reduce(inputs[0], dim=axes, keepdim=bool(given.get("keepdims", 1)))

    return run


def _padded(x: Tensor, given: Attributes, value: float = 0.0) -> Tensor:
    """ONNX gives all paddings before, then all after; torch wants pairs, the last axis first."""
    spatial = x.dim() - 2
    pads = given.get("pads", [0] * (2 * spatial))
    pairs = [pads[axis + half * spatial] for axis in reversed(range(spatial)) for half in (0, 1)]
    return functional.pad(x, pairs, value=value) if any(pairs) else x


def _convolve(inputs: Inputs, given: Attributes) -> Tensor:
    x, weight = inputs[:2]
    bias = inputs[2] if len(inputs) > 2 else None
    run = functional.conv1d if x.dim() == 3 else functional.conv2d
    ones = [1] * (x.dim() - 2)
    steps = {"stride": given.get("strides", ones), "dilation": given.get("dilations", ones)}
    return run(_padded(x, given), weight, bias, groups=given.get("group", 1), **steps)


def _average(inputs: Inputs, given: Attributes) -> Tensor:
    """Means over the pixels that are there, or (count_include_pad) over the whole kernel."""
    x, kernel = inputs[0], given["kernel_shape"]
    run = functional.avg_pool1d if x.dim() == 3 else functional.avg_pool2d
    strides = given.get("strides", [1] * len(kernel))
    means = run(_padded(x, given), kernel, strides)
    if given.get("count_include_pad", 0):
        return means
    return means / run(_padded(torch.ones_like(x), given), kernel, strides)


def _maximum(inputs: Inputs, given: Attributes) -> Tensor:
    x, kernel = inputs[0], given["kernel_shape"]
    run = functional.max_pool1d if x.dim() == 3 else functional.max_pool2d
    most: Tensor = run(_padded(x, given, float("-inf")), kernel, given.get("strides", [1] * len(kernel)))
    return most


def _gemm(inputs: Inputs, given: Attributes) -> Tensor:
    left = inputs[0].t() if given.get("transA") else inputs[0]
    right = inputs[1].t() if given.get("transB") else inputs[1]
    result: Tensor = given.get("alpha", 1.0) * (left @ right)
    return result if len(inputs) < 3 else result + given.get("beta", 1.0) * inputs[2]


def _reshape(inputs: Inputs, given: Attributes) -> Tensor:
    x, sizes = inputs[0], _whole(inputs[1])
    if not given.get("allowzero", 0):
        sizes = [x.shape[place] if size == 0 else size for place, size in enumerate(sizes)]
    reshaped: Tensor = x.reshape(sizes)
    return reshaped


def _flatten(inputs: Inputs, given: Attributes) -> Tensor:
    x, axis = inputs[0], given.get("axis", 1)
    first = int(torch.tensor(x.shape[:axis]).prod()) if axis else 1
    flat: Tensor = x.reshape(first, -1)
    return flat


def _slice(inputs: Inputs, _: Attributes) -> Tensor:
    x, starts, ends = inputs[0], _whole(inputs[1]), _whole(inputs[2])
    axes = _whole(inputs[3]) if len(inputs) > 3 and inputs[3] is not None else list(range(len(starts)))
    steps = _whole(inputs[4]) if len(inputs) > 4 and inputs[4] is not None else [1] * len(starts)
    places: list[Any] = [slice(None)] * x.dim()
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        places[axis] = slice(start, end, step)
    part: Tensor = x[tuple(places)]
    return part


def _gather(inputs: Inputs, given: Attributes) -> Tensor:
    x, places, axis = inputs[0], inputs[1], given.get("axis", 0) % inputs[0].dim()
    picked: Tensor = x.index_select(axis, places.flatten() % x.shape[axis])
    return picked.reshape(*x.shape[:axis], *places.shape, *x.shape[axis + 1 :])


def _unsqueezed(inputs: Inputs, given: Attributes) -> Tensor:
    x: Tensor = inputs[0]
    axes = _axes(inputs, given)
    for axis in sorted(axis % (x.dim() + len(axes)) for axis in axes):
        x = x.unsqueeze(axis)
    return x


def _squeezed(inputs: Inputs, given: Attributes) -> Tensor:
    axes = _axes(inputs, given) or [axis for axis, size in enumerate(inputs[0].shape) if size == 1]
    return torch.squeeze(inputs[0], dim=tuple(axes))


def _split(inputs: Inputs, given: Attributes) -> list[Tensor]:
    x, axis = inputs[0], given.get("axis", 0)
    if len(inputs) > 1 and inputs[1] is not None:
        return list(torch.split(x, _whole(inputs[1]), dim=axis))
    return list(torch.chunk(x, given["num_outputs"], dim=axis))


def _expand(inputs: Inputs, _: Attributes) -> Tensor:
    """To the given shape, where a 1 leaves the input's own size."""
    sizes, own = _whole(inputs[1]), list(inputs[0].shape)
    own = [1] * (len(sizes) - len(own)) + own
    sizes = [1] * (len(own) - len(sizes)) + sizes
    return torch.broadcast_to(inputs[0], [max(one, other) for one, other in zip(own, sizes, strict=True)])


def _extreme(pick: Callable[[Tensor, Tensor], Tensor]) -> Operator:
    return lambda inputs, _: functools.reduce(pick, inputs)


def _clip(inputs: Inputs, _: Attributes) -> Tensor:
    low = inputs[1] if len(inputs) > 1 else None
    high = inputs[2] if len(inputs) > 2 else None
    return torch.clamp(inputs[0], min=low, max=high)


def _resize(inputs: Inputs, given: Attributes) -> Tensor:
    """Bilinear with pixel centres at half numbers, the only form that torch exports here."""
    x = inputs[0]
    if len(inputs) > 3 and inputs[3] is not None:
        sizes = _whole(inputs[3])[2:]
    else:
        sizes = [int(size * float(scale)) for size, scale in zip(x.shape[2:], inputs[2].tolist()[2:], strict=True)]
    centred = given.get("coordinate_transformation_mode", b"half_pixel") in {b"half_pixel", b"pytorch_half_pixel"}
    if given.get("mode") != b"linear" or not centred or given.get("antialias", 0):
        raise NotImplementedError("Resize other than bilinear with half pixels")
    larger: Tensor = functional.interpolate(x, sizes, mode="bilinear", align_corners=False)
    return larger


def _layer_norm(inputs: Inputs, given: Attributes) -> Tensor:
    axis = given.get("axis", -1) % inputs[0].dim()
    bias = inputs[2] if len(inputs) > 2 else None
    return functional.layer_norm(inputs[0], inputs[0].shape[axis:], inputs[1], bias, given.get("epsilon", 1e-5))


OPERATORS: dict[str, Operator] = {
    "Abs": lambda x, _: torch.abs(x[0]),
    "Add": lambda x, _: x[0] + x[1],
    "AveragePool": _average,
    "BatchNormalization": lambda x, given: functional.batch_norm(
        x[0], x[3], x[4], x[1], x[2], eps=given.get("epsilon", 1e-5)
    ),
    "Cast": lambda x, given: x[0].to(_TYPES[given["to"]]),
    "Clip": _clip,
    "Concat": lambda x, given: torch.cat(list(x), dim=given["axis"]),
    "Constant": lambda _, given: given["value"],
    "Conv": _convolve,
    "Div": lambda x, _: x[0] / x[1] if x[0].is_floating_point() else torch.div(x[0], x[1], rounding_mode="trunc"),
    "Equal": lambda x, _: x[0] == x[1],
    "Erf": lambda x, _: torch.erf(x[0]),
    "Exp": lambda x, _: torch.exp(x[0]),
    "Expand": _expand,
    "Flatten": _flatten,
    "Gather": _gather,
    "Gelu": lambda x, given: functional.gelu(x[0], approximate=given.get("approximate", b"none").decode()),
    "Gemm": _gemm,
    "GlobalAveragePool": lambda x, _: x[0].mean(dim=tuple(range(2, x[0].dim())), keepdim=True),
    "Greater": lambda x, _: x[0] > x[1],
    "GreaterOrEqual": lambda x, _: x[0] >= x[1],
    "HardSigmoid": lambda x, given: torch.clamp(given.get("alpha", 0.2) * x[0] + given.get("beta", 0.5), 0.0, 1.0),
    "HardSwish": lambda x, _: functional.hardswish(x[0]),
    "Identity": lambda x, _: x[0],
    "LayerNormalization": _layer_norm,
    "LeakyRelu": lambda x, given: functional.leaky_relu(x[0], given.get("alpha", 0.01)),
    "Less": lambda x, _: x[0] < x[1],
    "LessOrEqual": lambda x, _: x[0] <= x[1],
    "Log": lambda x, _: torch.log(x[0]),
    "LogSoftmax": lambda x, given: torch.log_softmax(x[0], dim=given.get("axis", -1)),
    "MatMul": lambda x, _: x[0] @ x[1],
    "Max": _extreme(torch.maximum),
    "MaxPool": _maximum,
    "Min": _extreme(torch.minimum),
    "Mul": lambda x, _: x[0] * x[1],
    "Neg": lambda x, _: -x[0],
    "Not": lambda x, _: ~x[0],
    "Pow": lambda x, _: torch.pow(x[0], x[1]),
    "PRelu": lambda x, _: torch.where(x[0] > 0, x[0], x[0] * x[1]),
    "Reciprocal": lambda x, _: 1.0 / x[0],
    "ReduceMax": _reduced(torch.amax),
    "ReduceMean": _reduced(torch.mean),
    "ReduceMin": _reduced(torch.amin),
    "ReduceSum": _reduced(torch.sum),
    "Relu": lambda x, _: torch.relu(x[0]),
    "Reshape": _reshape,
    "Resize": _resize,
    "Shape": lambda x, given: torch.tensor(x[0].shape)[given.get("start", 0) : given.get("end")],
    "Sigmoid": lambda x, _: torch.sigmoid(x[0]),
    "Slice": _slice,
    "Softmax": lambda x, given: torch.softmax(x[0], dim=given.get("axis", -1)),
    "Split": _split,
    "Sqrt": lambda x, _: torch.sqrt(x[0]),
    "Squeeze": _squeezed,
    "Sub": lambda x, _: x[0] - x[1],
    "Tanh": lambda x, _: torch.tanh(x[0]),
    "Transpose": lambda x, given: x[0].permute(given.get("perm", list(range(x[0].dim()))[::-1])),
    "Unsqueeze": _unsqueezed,
    "Where": lambda x, _: torch.where(x[0], x[1], x[2]),
}
