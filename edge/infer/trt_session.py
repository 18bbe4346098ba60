"""A deserialised plan with its memory on the GPU: what is there between `activate` and `deactivate`."""

from __future__ import annotations

import logging
import time
from typing import Any

import numpy as np

from edge.infer.engine import EngineError, Feeds
from edge.infer.gpu import POLL_S, Gpu, HungError
from edge.infer.plan_store import Plan, PlanRejectedError
from edge.infer.trt_buffer import TrtBuffer
from edge.infer.trt_lane import Shapes, TrtLane
from edge.infer.trt_logger import trt_logger

_LOG = logging.getLogger(__name__)
_NON_BLOCKING = 1  # CU_STREAM_NON_BLOCKING: the default stream of others does not hold this one up
_MOST_LANES = 16


class TrtSession:
    """Everything here happens within `Gpu.run`. Names are the engine's own.

    `shapes` has None where a size is free, `largest` the profile's upper end, `least` its lower one, `dtypes` by name.
    """

    def __init__(self, plan: Plan, trt: Any, gpu: Gpu) -> None:
        """Raises EngineError, or what pycuda raises; nothing is left on the GPU then."""
        self._gpu = gpu
        self._lanes: dict[tuple[tuple[int, ...], ...], TrtLane] = {}
        self._buffers: dict[str, TrtBuffer] = {}
        self._scratch: Any = None
        self._stream: Any = None
        self._event: Any = None
        self._runtime: Any = None
        self._engine: Any = None
        try:
            self._load(plan, trt)
        except BaseException:
            self.free()
            raise
        gpu.register(self)

    def _load(self, plan: Plan, trt: Any) -> None:
        logger = trt_logger(trt)
        logger.last_error = ""
        self._runtime = trt.Runtime(logger)
        self._runtime.engine_host_code_allowed = False
        if self._runtime.engine_host_code_allowed:
            raise EngineError("TensorRT would run host code out of a plan; it is not loaded")
        self._engine = self._runtime.deserialize_cuda_engine(plan.data)
        if self._engine is None:
            raise _refusal(trt, str(logger.last_error))
        self._managed = trt.ExecutionContextAllocationStrategy.USER_MANAGED
        names = [self._engine.get_tensor_name(index) for index in range(self._engine.num_io_tensors)]
        if set(names) != set(plan.tensors.values()):
            raise PlanRejectedError(f"the plan's tensors are {sorted(names)}, not {sorted(plan.tensors.values())}")
        self.inputs = [name for name in names if self._engine.get_tensor_mode(name) == trt.TensorIOMode.INPUT]
        self.dtypes = {name: np.dtype(trt.nptype(self._engine.get_tensor_dtype(name))) for name in names}
        self.shapes = {
            name: tuple(None if size < 0 else int(size) for size in self._engine.get_tensor_shape(name))
            for name in self.inputs
        }
        profiles = {name: self._engine.get_tensor_profile_shape(name, 0) for name in self.inputs}
        self.least: Shapes = {name: tuple(shapes[0]) for name, shapes in profiles.items()}
        self.largest: Shapes = {name: tuple(shapes[2]) for name, shapes in profiles.items()}
        self._allocate(names)

    def _allocate(self, names: list[str]) -> None:
        driver = self._gpu.driver
        self._stream = driver.Stream(_NON_BLOCKING)
        self._event = driver.Event(driver.event_flags.DISABLE_TIMING)
        self._scratch_bytes = max(1, int(self._engine.device_memory_size_v2))
        self._scratch = driver.mem_alloc(self._scratch_bytes)
        context = self._new_context()
        for name, shape in self.largest.items():
            context.set_input_shape(name, shape)
        for name in names:
            shape = tuple(context.get_tensor_shape(name))
            self._buffers[name] = TrtBuffer(self._gpu, shape, self.dtypes[name])

    def run(self, feeds: Feeds, *, graph: bool, timeout_s: float) -> Feeds:
        """One run. Raises HungError after `timeout_s`, EngineError, or what pycuda raises."""
        lane = self._lane({name: feeds[name].shape for name in self.inputs})
        lane.fill(feeds)
        lane.enqueue(self._gpu, self._stream, graph=graph)
        self.wait(timeout_s)
        return lane.outputs()

    def wait(self, timeout_s: float) -> None:
        """Until the stream is through; never for ever, as a synchronize would. Raises HungError."""
        self._event.record(self._stream)
        until_s = time.monotonic() + timeout_s
        while not self._event.query():
            if time.monotonic() > until_s:
                raise HungError(f"{self._gpu.name} did not answer within {timeout_s:g} s")
            time.sleep(POLL_S)

    def done(self) -> bool:
        """Whether nothing is under way."""
        return bool(self._event.query())

    def end(self, timeout_s: float) -> None:
        """`free`, once nothing is under way on the whole GPU. Raises HungError, and frees nothing then."""
        try:
            self._event.record(self._stream)
        except Exception as error:  # a failed launch stays an error of the stream, and of all that follows
            _LOG.debug("%s: %s", self._gpu.name, error)
        self._gpu.wait_idle(timeout_s)
        self.free()

    def free(self) -> None:
        """Execution contexts, engine, runtime, memory, stream, in this order."""
        lanes, self._lanes = list(self._lanes.values()), {}
        for lane in lanes:
            lane.free(self._gpu)
        self._engine = None
        self._runtime = None
        buffers, self._buffers = list(self._buffers.values()), {}
        for buffer in buffers:
            buffer.free()
        scratch, self._scratch = self._scratch, None
        if scratch is not None:
            scratch.free()
        self._event = None
        self._stream = None
        self._gpu.released(self)

    def _lane(self, shapes: Shapes) -> TrtLane:
        key = tuple(shapes.values())
        lane = self._lanes.pop(key, None)
        if lane is None:
            if len(self._lanes) >= _MOST_LANES and self._gpu.idle():
                self._lanes.pop(next(iter(self._lanes))).free(self._gpu)
            scratch = (int(self._scratch), self._scratch_bytes)
            lane = TrtLane(self._new_context(), shapes, self._buffers, scratch)
        self._lanes[key] = lane
        return lane

    def _new_context(self) -> Any:
        context = self._engine.create_execution_context(self._managed)
        if context is None:
            raise EngineError("TensorRT could not make an execution context (out of memory?)")
        return context


def _refusal(trt: Any, said: str) -> EngineError:
    """Why nothing came out of a plan: one that TensorRT does not want must be built again, short memory may pass."""
    reason = said.strip().split("\n", 1)[0].rstrip(".") or "it does not say why"
    if "memory" in reason.lower():
        return EngineError(f"the GPU is out of memory ({reason}); end what else uses it")
    return PlanRejectedError(f"TensorRT {trt.__version__} does not take the plan ({reason})")
