"""What of a run is copying and what computing, by CUDA's own clock: events on the stream between the parts."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from edge.infer.engine import EngineError, Feeds
from edge.infer.gpu import Gpu
from edge.infer.plan_store import Plan
from edge.infer.trt_buffer import TrtBuffer
from edge.infer.trt_logger import trt_logger

_TIMEOUT_S = 10.0
_NON_BLOCKING = 1  # CU_STREAM_NON_BLOCKING


@dataclass(frozen=True)
class Stages:
    """Milliseconds, each the median over calls: copies to the GPU, the network, copies back."""

    graph: str
    precision: str
    faces: int
    upload_ms: float
    network_ms: float
    download_ms: float

    @property
    def share(self) -> float:
        """Of copying in the whole, 0 … 1."""
        copying_ms = self.upload_ms + self.download_ms
        return copying_ms / max(copying_ms + self.network_ms, 1e-9)


class StagedRun:
    """A plan with copies between host and GPU, whatever the board could do without. Use it within `Gpu.run`."""

    def __init__(self, plan: Plan, trt: Any, gpu: Gpu, feeds: Feeds) -> None:
        """`gpu` must not be `integrated`: see `edge.infer.gpu`. Raises EngineError for a plan that is refused."""
        self._driver, self._plan = gpu.driver, plan
        self._stream = gpu.driver.Stream(_NON_BLOCKING)
        self._events = [gpu.driver.Event() for _ in range(4)]
        self._runtime = trt.Runtime(trt_logger(trt))
        self._engine = self._runtime.deserialize_cuda_engine(plan.data)
        self._context = self._engine.create_execution_context() if self._engine is not None else None
        if self._context is None:
            raise EngineError(f"TensorRT does not take the plan {plan.key.stem}, or lacks memory for it.")
        given = {plan.tensors[name]: value for name, value in feeds.items()}
        names = [self._engine.get_tensor_name(index) for index in range(self._engine.num_io_tensors)]
        for name, value in given.items():
            self._context.set_input_shape(name, value.shape)
        shapes = {name: tuple(self._context.get_tensor_shape(name)) for name in names}
        types = {name: np.dtype(trt.nptype(self._engine.get_tensor_dtype(name))) for name in names}
        self._buffers = {name: TrtBuffer(gpu, shapes[name], types[name]) for name in names}
        self._views = {name: self._buffers[name].view(shapes[name]) for name in names}
        for name in names:
            self._context.set_tensor_address(name, self._buffers[name].address)
        for name, value in given.items():
            np.copyto(self._views[name], value)
        self._inputs = list(given)
        self._outputs = [name for name in names if name not in given]

    def run(self) -> tuple[float, float, float]:
        """Upload, network and download in ms. Raises EngineError when the GPU does not answer."""
        begin, fed, computed, end = self._events
        begin.record(self._stream)
        for name in self._inputs:
            self._buffers[name].to_gpu(self._views[name], self._stream)
        fed.record(self._stream)
        if not self._context.execute_async_v3(self._stream.handle):
            raise EngineError("TensorRT could not put the network on the stream.")
        computed.record(self._stream)
        for name in self._outputs:
            self._buffers[name].to_host(self._views[name], self._stream)
        end.record(self._stream)
        self._wait(end)
        return begin.time_till(fed), fed.time_till(computed), computed.time_till(end)

    def free(self) -> None:
        """Everything, in the order of TensorRT."""
        self._context = None
        self._engine = None
        self._runtime = None
        self._views = {}
        for buffer in self._buffers.values():
            buffer.free()
        self._events = []
        self._stream = None

    def _wait(self, event: Any) -> None:
        until_s = time.monotonic() + _TIMEOUT_S
        while not event.query():
            if time.monotonic() > until_s:
                raise EngineError(f"The GPU did not answer within {_TIMEOUT_S:g} s.")


def stages(plan: Plan, trt: Any, gpu: Gpu, feeds: Feeds, faces: int, calls: int) -> Stages:
    """The medians over `calls` runs, after as many to warm up. Raises EngineError."""

    def work() -> list[tuple[float, float, float]]:
        run = StagedRun(plan, trt, gpu, feeds)
        try:
            return [run.run() for _ in range(2 * calls)][calls:]
        finally:
            run.free()

    taken = gpu.run(f"the stages of {plan.key.stem}", work)
    upload_ms, network_ms, download_ms = np.median(np.array(taken), axis=0)
    return Stages(plan.key.graph, plan.key.precision, faces, float(upload_ms), float(network_ms), float(download_ms))
