"""An ONNX file as TensorRT's network, or one sentence about why it is none. `trt` is the module, of any version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from edge.infer.engine import EngineError
from engines.build.refusal import refusal
from engines.build.source import GraphSource


@dataclass(frozen=True)
class ParsedNetwork:
    """A network and its parser, which owns the weights: it has to live as long as the network."""

    network: Any
    parser: Any

    def tensor_names(self) -> list[str]:
        """Inputs, then outputs."""
        network = self.network
        inputs = [network.get_input(number) for number in range(network.num_inputs)]
        outputs = [network.get_output(number) for number in range(network.num_outputs)]
        return [str(tensor.name) for tensor in (*inputs, *outputs)]


def parse(trt: Any, builder: Any, logger: Any, source: GraphSource) -> ParsedNetwork:
    """Read `source` into a strongly typed network: each layer computes in the type that the file says.

    Raises EngineError, naming the file and the operator, when TensorRT does not take it or it is another network.
    """
    network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
    parser = trt.OnnxParser(network, logger)
    if not parser.parse(source.data):
        errors = [parser.get_error(number) for number in range(parser.num_errors)]
        raise EngineError(refusal(trt, source.path, errors))
    _check_inputs(network, source)
    return ParsedNetwork(network, parser)


def _check_inputs(network: Any, source: GraphSource) -> None:
    """TensorRT takes an empty file for an empty network, and an input without a profile for a mistake of the caller."""
    tensors = [network.get_input(number) for number in range(network.num_inputs)]
    found = {str(tensor.name): tuple(tensor.shape) for tensor in tensors}
    wanted = {name: (-1, *usual[1:]) for name, (_least, usual, _largest) in source.profile.items()}
    if found != wanted or not network.num_outputs:
        raise EngineError(
            f"The model {source.path} is not the student's {source.graph} network: it takes {_words(found)}, "
            f"expected {_words(wanted)}; name the folder of an exported student."
        )


def _words(inputs: dict[str, tuple[int, ...]]) -> str:
    return ", ".join(f"{name} {_shape(shape)}" for name, shape in inputs.items()) or "nothing"


def _shape(shape: tuple[int, ...]) -> str:
    return f"({' × '.join('n' if size < 0 else str(size) for size in shape)})"
