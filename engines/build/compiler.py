"""One graph through the compiler."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from edge.infer.engine import EngineError
from edge.infer.trt_logger import trt_logger
from engines.build.config import BuildOptions, make_config
from engines.build.monitor import make_monitor
from engines.build.network import parse
from engines.build.phases import Phases
from engines.build.source import GraphSource
from engines.build.timing_cache import TimingCache


class BuildCancelledError(EngineError):
    """The compiler was told to stop, and did."""


@dataclass(frozen=True)
class Compiled:
    """A serialised plan; `tensors` maps our names of inputs and outputs to the plan's."""

    data: bytes
    tensors: dict[str, str]


def compile_graph(
    trt: Any, source: GraphSource, options: BuildOptions, phases: Phases, timing: TimingCache | None = None
) -> Compiled:
    """Parse and compile `source`. `trt` is tensorrt or tensorrt_rtx; `timing` is read before and written after.

    Raises EngineError in one sentence; BuildCancelledError when `phases` was cancelled.
    """
    logger = trt_logger(trt)
    logger.last_error = ""
    builder = trt.Builder(logger)
    parsed = parse(trt, builder, logger, source)
    config = make_config(trt, builder, source, options)
    config.progress_monitor = make_monitor(trt, phases)
    if timing is not None:
        timing.lend(config)
    serialized = builder.build_serialized_network(parsed.network, config)
    if phases.cancelled:
        raise BuildCancelledError(f"The build of {source.path.name} was stopped: nothing of it is kept.")
    if serialized is None:
        raise EngineError(_failure(source, str(logger.last_error), options))
    if timing is not None:
        timing.keep(config)
    return Compiled(bytes(serialized), {name: name for name in parsed.tensor_names()})


def _failure(source: GraphSource, said: str, options: BuildOptions) -> str:
    reason = said.strip().split("\n", 1)[0].rstrip(".") or "it gave no reason"
    words = f"The compiler gave up at {source.path.name} ({reason})"
    if "workspace" in reason.lower():
        return f"{words}: a workspace of {options.workspace_mb} MB may be too little, give a larger --workspace-mb."
    if "memory" in reason.lower():
        return (
            f"The compiler ran out of memory at {source.path.name} with a workspace of {options.workspace_mb} MB "
            f"({reason}): give a smaller --workspace-mb, or end what else uses the GPU."
        )
    return f"{words}: try another --precision, fp32 first."


class OnnxCompiler:
    """Compiles a student's ONNX files with `trt`, tensorrt or tensorrt_rtx."""

    origin = "onnx"

    def __init__(self, trt: Any, timing: TimingCache | None = None) -> None:
        self.trt = trt
        self.name = f"{trt.__name__} {trt.__version__}"
        self._timing = timing

    def compile(self, source: GraphSource, options: BuildOptions, phases: Phases) -> Compiled:
        """Raises EngineError in one sentence."""
        return compile_graph(self.trt, source, options, phases, self._timing)
