"""A stand-in GPU whose events tell time, and a compiler for it, so that the bench's GPU rows are really run."""

from __future__ import annotations

import time
from functools import partial
from types import SimpleNamespace
from typing import Any

from engines.build.source import GraphSource
from engines.gpu_bench.gpu_side import Tools
from tests.gpu.stand_in_gpu import StandInGpu
from tests.gpu.stand_in_pycuda import Event
from tests.gpu.stand_in_tensorrt import plan_data


class TimedEvent(Event):
    """As pycuda.driver.Event without DISABLE_TIMING: the time is that at which the stream reached the mark."""

    def __init__(self, machine: Any, flags: int = 0) -> None:
        super().__init__(machine, flags)
        self.reached_s: list[float] = []

    def record(self, stream: Any) -> TimedEvent:
        self.reached_s = []
        stream.put(lambda: self.reached_s.append(time.perf_counter()))
        super().record(stream)
        return self

    def time_till(self, event: TimedEvent) -> float:
        """Raises IndexError before the stream has reached both marks, as the real one does."""
        return 1000 * (event.reached_s[0] - self.reached_s[0])


def tools(stand_in: StandInGpu) -> Tools:
    """Its plans hold the ONNX file that they stand for."""
    stand_in.driver.Event = partial(TimedEvent, stand_in.machine)

    def compiler(source: GraphSource, tell: Any) -> Any:
        tell(0.5)
        outputs = ("embeddings",) if source.graph == "face" else ("fused", "video", "audio")
        names = {name: name for name in (*source.profile, *outputs)}
        plan = plan_data(source.data, source.profile, version=stand_in.version)
        return SimpleNamespace(data=plan, tensors=names)  # as engines.build.compiler.Compiled

    return Tools(stand_in.trt, stand_in.gpu, stand_in.target(), compiler)
