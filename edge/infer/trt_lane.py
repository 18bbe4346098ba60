"""A plan made ready for one set of input shapes: an execution context of its own, and the CUDA graph of its calls."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.infer.engine import EngineError, Feeds
from edge.infer.gpu import Gpu
from edge.infer.trt_buffer import TrtBuffer

_LOG = logging.getLogger(__name__)
Shapes = dict[str, tuple[int, ...]]


class TrtLane:
    """Shapes and addresses are set once: a graph holds only while nothing in its execution context changes.

    `context` works in `scratch` (address, bytes), which all lanes of a plan share: one of them runs at a time.
    """

    def __init__(self, context: Any, shapes: Shapes, buffers: dict[str, TrtBuffer], scratch: tuple[int, int]) -> None:
        self._context = context
        self._buffers = buffers
        self._graph = 0
        self._calls = 0
        context.set_device_memory(*scratch)
        for name, shape in shapes.items():
            if not context.set_input_shape(name, shape):
                raise EngineError(f"TensorRT refuses the shape {shape} of {name}")
        self._views: dict[str, NDArray[Any]] = {}
        for name, buffer in buffers.items():
            shape = tuple(context.get_tensor_shape(name))
            if min(shape, default=1) < 0 or not context.set_tensor_address(name, buffer.address):
                raise EngineError(f"TensorRT cannot place {name} of shape {shape}")
            self._views[name] = buffer.view(shape)
        self._inputs = list(shapes)
        self._outputs = [name for name in buffers if name not in shapes]

    def fill(self, feeds: Feeds) -> None:
        """Copy `feeds` into the page-locked memory."""
        for name in self._inputs:
            np.copyto(self._views[name], feeds[name], casting="no")

    def enqueue(self, gpu: Gpu, stream: Any, *, graph: bool) -> None:
        """Put copies and kernels on `stream`. With `graph`: recorded at the second call and replayed from then on.

        TensorRT wants one plain call after a change of shapes before it can be recorded.
        """
        if graph and self._calls == 1:
            self._graph = self._captured(gpu, stream)
        if self._graph:
            gpu.library.launch(self._graph, stream.handle)
        else:
            self._issue(stream)
        self._calls += 1

    def outputs(self) -> Feeds:
        """Copies of the outputs, once the stream is through."""
        return {name: self._views[name].copy() for name in self._outputs}

    def free(self, gpu: Gpu) -> None:
        """The graph first, then the execution context that it was recorded from."""
        graph, self._graph = self._graph, 0
        if graph:
            gpu.library.destroy(graph)
        self._views = {}
        self._context = None

    def _issue(self, stream: Any) -> None:
        for name in self._inputs:
            self._buffers[name].to_gpu(self._views[name], stream)
        if not self._context.execute_async_v3(stream.handle):
            raise EngineError("TensorRT could not put the network on the stream")
        for name in self._outputs:
            self._buffers[name].to_host(self._views[name], stream)

    def _captured(self, gpu: Gpu, stream: Any) -> int:
        """0 where the driver or the network does not allow it: then every call is a plain one."""
        try:
            gpu.library.begin_capture(stream.handle)
            try:
                self._issue(stream)
            finally:
                graph = gpu.library.end_capture(stream.handle)
        except EngineError as error:
            _LOG.debug("no CUDA graph for %s: %s", {name: view.shape for name, view in self._views.items()}, error)
            return 0
        return graph
