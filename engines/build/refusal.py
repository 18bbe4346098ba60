"""What TensorRT's parser finds wrong with a file, as one sentence of ours."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

_FEWEST_WORDS = 3


def refusal(trt: Any, path: Path, errors: Sequence[Any]) -> str:
    """The sentence about `path` for the parser's `errors`, trt.ParserError each; the first one that names a node."""
    if not errors:
        return f"The model {path} is refused by TensorRT without a reason: export the student again."
    error = next((error for error in errors if error.node_operator()), errors[0])
    code = error.code()
    reason = str(error.desc())
    if code == trt.ErrorCode.MODEL_DESERIALIZE_FAILED:
        return f"The model {path} is no ONNX file, or one that is cut off: export the student again."
    if "Plugin not found" in reason:
        return (
            f"The model {path} uses the operator {_operator(error)}, which TensorRT does not have: "
            "export the student with standard ONNX operators only."
        )
    if not error.node_operator():
        return f"The model {path} holds a broken graph ({_first_line(reason)}): export the student again."
    return (
        f"The model {path} holds the operator {_operator(error)} in a form that TensorRT does not take"
        f"{_in_brackets(reason)}: export the student again."
    )


def _operator(error: Any) -> str:
    name = str(error.node_name())
    return f"{error.node_operator()} (node {name})" if name else str(error.node_operator())


def _in_brackets(reason: str) -> str:
    """The part that tells something: the parser's own `false` and names of nodes do not."""
    said = _first_line(reason)
    return f" ({said})" if len(said.split()) >= _FEWEST_WORDS else ""


def _first_line(reason: str) -> str:
    """The first line that is more than the name of the node, without the place in TensorRT's own source."""
    lines = [line.strip() for line in reason.strip().split("\n") if not line.startswith("Invalid Node")]
    said = lines[0] if lines else reason.strip()
    return said.split(". In ", 1)[0].removeprefix("Assertion failed: ").rstrip(".)")
