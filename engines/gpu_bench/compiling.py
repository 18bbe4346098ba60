"""NVIDIA's compiler, as the bench times it: our own build code, without a timing cache."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from engines.build.source import GraphSource

if TYPE_CHECKING:
    from engines.build.compiler import Compiled

Tell = Callable[[float], None]
"""Told which share is done, about ten times a second."""
Compile = Callable[[GraphSource, Tell], "Compiled"]


def compiler_of(trt: Any, sm: int | None = None) -> Compile:
    """`trt` is tensorrt, or tensorrt_rtx with the `sm` to compile for. What it gives raises EngineError."""
    from engines.build.compiler import compile_graph
    from engines.build.config import BuildOptions
    from engines.build.phases import Phases
    from engines.build.watched import watched

    options = BuildOptions(sm=sm)

    def compiler(source: GraphSource, tell: Tell) -> Compiled:
        phases = Phases()
        return watched(lambda: compile_graph(trt, source, options, phases), phases, lambda: tell(phases.fraction))

    return compiler
