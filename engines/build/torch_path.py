"""From the trained networks to plans through torch_tensorrt, without ONNX: the only importer of torch here."""

from __future__ import annotations

import copy
import importlib
import inspect
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from edge.errors import EdgeError, UsageError
from edge.infer.card import precision_file
from edge.infer.engine import EngineError
from edge.infer.onnx_engine import OnnxEngine
from edge.infer.trt_logger import trt_logger
from engines.build.compiler import Compiled
from engines.build.config import BuildOptions
from engines.build.phases import Phases
from engines.build.source import GraphSource
from engines.models.student import Student, face_example, head_example

OUTPUTS = {"face": ("embeddings",), "head": ("fused", "video", "audio")}
_HEAVY = (nn.Conv1d, nn.Conv2d, nn.Linear)
_BYTES_PER_MB = 1 << 20
_TOLERANCE = 1e-3
"""Between torch and the exported file, both in fp32, as a share of the largest value."""


class HalfLayer(nn.Module):
    """A convolution or linear layer in half precision between floats: every type is said, none is the compiler's."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer.half()

    def forward(self, x: Tensor) -> Tensor:
        """What `layer` says, as float32."""
        said: Tensor = self.layer(x.half())
        return said.float()


class TorchCompiler:
    """Compiles the networks of `checkpoint`, whose ONNX files the plans stand in for: parity tells whether they may."""

    origin = "torch"

    def __init__(self, trt: Any, checkpoint: Path) -> None:
        """`trt` is the module tensorrt. Raises UsageError where torch_tensorrt or the checkpoint is missing."""
        try:
            torch_tensorrt = importlib.import_module("torch_tensorrt")
        except Exception as error:  # a broken installation raises anything
            raise UsageError(
                f"--from torch needs torch_tensorrt, which cannot be imported ({error}): "
                "pip install 'edge-emotion[train,torch-tensorrt]', or leave --from torch out."
            ) from error
        self.name = f"torch_tensorrt {torch_tensorrt.__version__}, tensorrt {trt.__version__}"
        self._trt = trt
        self._torch_tensorrt = torch_tensorrt
        self._checkpoint = checkpoint
        self._student = Student.load(checkpoint)

    def compile(self, source: GraphSource, options: BuildOptions, phases: Phases) -> Compiled:
        """Raises EngineError in one sentence. It tells of no phases and cannot be stopped in between."""
        phases.name = "torch_tensorrt"
        try:
            program = exported(self._network(source), source)
            data = bytes(_convert(self._torch_tensorrt, program, source, options))
        except EdgeError:
            raise
        except Exception as error:  # torch_tensorrt raises many types of its own
            said = str(error).strip().split("\n", 1)[0] or type(error).__name__
            raise EngineError(
                f"torch_tensorrt cannot compile the {source.graph} network ({said}): leave --from torch out."
            ) from error
        return Compiled(data, tensor_map(source, *_engine_tensors(self._trt, data)))

    def _network(self, source: GraphSource) -> nn.Module:
        """In the precision that is asked for, on the GPU."""
        network: nn.Module = self._student.face if source.graph == "face" else self._student.head
        made = typed(network, source.precision)
        check_weights(network, source, self._checkpoint)
        return made.cuda()


def typed(network: nn.Module, precision: str) -> nn.Module:
    """A copy of `network` in "fp32" or "fp16", with float inputs and outputs. Raises UsageError for int8.

    As in the exported fp16 file, sums, roots and divisions stay in fp32, where the squares of grays would overflow a
    half, and so do the last layers, which decide.
    """
    if precision == "int8":
        raise UsageError("--from torch has no int8: give --precision fp16 or fp32, or leave --from torch out.")
    made = copy.deepcopy(network).eval()
    if precision == "fp16":
        for part in made.children():
            _halve(part)  # the linear layers of `made` itself are its last ones
    return made


def _halve(part: nn.Module) -> None:
    """Replace each heavy layer within `part`."""
    for name, child in list(part.named_children()):
        if isinstance(child, _HEAVY):
            setattr(part, name, HalfLayer(child))
        else:
            _halve(child)


def check_weights(network: nn.Module, source: GraphSource, checkpoint: Path) -> None:
    """Raises UsageError when `network` says something else than the fp32 file beside `source`: before minutes of work.

    The plan is kept under the file's sha256, so it has to be the same student.
    """
    path = source.path.with_name(precision_file(source.graph))
    example = face_example(2) if source.graph == "face" else head_example(2)
    with torch.no_grad():
        said = network(*example)
    values = said if isinstance(said, tuple) else (said,)
    with OnnxEngine(path) as engine:
        feeds = {name: one.numpy() for name, one in zip(source.profile, example, strict=True)}
        answers = engine.infer(feeds)
    for value, name in zip(values, OUTPUTS[source.graph], strict=True):
        expected = torch.from_numpy(answers[name])
        if not float((value - expected).abs().max()) <= _TOLERANCE * max(1.0, float(expected.abs().max())):
            raise UsageError(
                f"The checkpoint {checkpoint} holds another student than {path}: name the one that it was exported "
                "from, or leave --from torch out."
            )


def exported(network: nn.Module, source: GraphSource) -> Any:
    """`network` as torch.export has it, for any batch of the profile, where its weights are."""
    device = next(network.parameters()).device
    most = max(largest[0] for _least, _usual, largest in source.profile.values())
    # torch.export takes a batch of one for a constant.
    example = tuple(
        torch.zeros(max(2, usual[0]), *usual[1:], device=device) for _least, usual, _largest in source.profile.values()
    )
    if most == 1:
        return torch.export.export(network, tuple(one[:1] for one in example))
    size = {0: torch.export.Dim("n", min=1, max=most)}
    return torch.export.export(network, example, dynamic_shapes=tuple(size for _ in example))


def tensor_map(source: GraphSource, inputs: list[str], outputs: list[str]) -> dict[str, str]:
    """Our names by the order of the network's own. Raises EngineError when there are more or fewer."""
    ours_in, ours_out = list(source.profile), list(OUTPUTS[source.graph])
    if (len(inputs), len(outputs)) != (len(ours_in), len(ours_out)):
        raise EngineError(
            f"torch_tensorrt made a {source.graph} network with inputs {inputs} and outputs {outputs}, expected "
            f"{ours_in} and {ours_out}: leave --from torch out."
        )
    return dict(zip((*ours_in, *ours_out), (*inputs, *outputs), strict=True))


def _convert(torch_tensorrt: Any, program: Any, source: GraphSource, options: BuildOptions) -> Any:
    convert = torch_tensorrt.dynamo.convert_exported_program_to_serialized_trt_engine
    inputs = [
        torch_tensorrt.Input(min_shape=least, opt_shape=usual, max_shape=largest, dtype=torch.float32)
        for least, usual, largest in source.profile.values()
    ]
    # Up to 2.8 it is asked for, later every network is strongly typed.
    typing = {"use_explicit_typing": True} if "use_explicit_typing" in inspect.signature(convert).parameters else {}
    return convert(
        program,
        arg_inputs=inputs,
        workspace_size=options.workspace_mb * _BYTES_PER_MB,
        disable_tf32=source.precision == "fp32",
        require_full_compilation=True,
        min_block_size=1,
        **typing,
    )


def _engine_tensors(trt: Any, data: bytes) -> tuple[list[str], list[str]]:
    """Names of inputs and of outputs of a plan that has just been made, each in order."""
    runtime = trt.Runtime(trt_logger(trt))
    engine = runtime.deserialize_cuda_engine(data)
    if engine is None:
        raise EngineError("torch_tensorrt made a plan that this TensorRT does not take: install both in one version.")
    names = [str(engine.get_tensor_name(number)) for number in range(engine.num_io_tensors)]
    inputs = [name for name in names if engine.get_tensor_mode(name) == trt.TensorIOMode.INPUT]
    return inputs, [name for name in names if name not in inputs]
