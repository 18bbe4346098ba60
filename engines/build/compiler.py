"""One graph through the compiler."""

from __future__ import annotations

from typing import Any

from edge.infer.engine import EngineError
from edge.infer.trt_logger import trt_logger
from engines.build.config import BuildOptions, make_config
from engines.build.network import parse
from engines.build.source import GraphSource


def compile_plan(trt: Any, source: GraphSource, options: BuildOptions) -> bytes:
    """The serialised plan. `trt` is tensorrt or tensorrt_rtx. Raises EngineError in one sentence."""
    logger = trt_logger(trt)
    builder = trt.Builder(logger)
    parsed = parse(trt, builder, logger, source)
    config = make_config(trt, builder, source, options)
    serialized = builder.build_serialized_network(parsed.network, config)
    if serialized is None:
        raise EngineError(_failure(source, str(logger.last_error), options))
    return bytes(serialized)


def _failure(source: GraphSource, said: str, options: BuildOptions) -> str:
    reason = said.strip().split("\n", 1)[0].rstrip(".")
    if "memory" in reason.lower():
        return (
            f"The compiler ran out of memory at {source.path.name} with a workspace of {options.workspace_mb} MB "
            f"({reason}): give a smaller --workspace-mb, or end what else uses the GPU."
        )
    return f"The compiler gave up at {source.path.name} ({reason or 'it gave no reason'})."
