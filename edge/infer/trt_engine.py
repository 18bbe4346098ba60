"""The student on TensorRT: one plan, run on the GPU through pycuda."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

from edge.infer.engine import Engine, EngineError, Feeds, OutsideProfileError, check_feeds
from edge.infer.gpu import Gpu, HungError
from edge.infer.trt_session import TrtSession

if TYPE_CHECKING:
    from edge.infer.plan_store import Plan

_LOG = logging.getLogger(__name__)
TIMEOUT_S = 1.0


class TrtEngine(Engine):
    """A verified plan. Calls may come from any thread; one runs at a time. The caller warms it up, per batch size.

    `cuda_graph`: from the second call of a batch size on its kernels are replayed as one graph.
    """

    def __init__(
        self, plan: Plan, trt: Any, gpu: Gpu, *, cuda_graph: bool = True, timeout_s: float = TIMEOUT_S
    ) -> None:
        """`trt` is the tensorrt module (cuda.tensorrt_module). Nothing is loaded yet."""
        self.name = f"tensorrt:{plan.key.stem}"
        self._plan = plan
        self._trt = trt
        self._gpu = gpu
        self._graph = cuda_graph and gpu.library.has_graphs
        self._timeout_s = timeout_s
        self._session: TrtSession | None = None
        self._lock = threading.Lock()

    def activate(self) -> None:
        """Deserialise the plan and take memory for the largest shapes.

        Raises PlanRejectedError for a plan that TensorRT does not want, else EngineError, and leaves nothing then.
        """
        with self._lock:
            if self._session is None:
                self._session = self._gpu.run(self.name, self._load)

    def _load(self) -> TrtSession:
        self._gpu.reclaim(self._timeout_s)
        return TrtSession(self._plan, self._trt, self._gpu)

    def infer(self, feeds: Feeds) -> Feeds:
        """One array per output, by name. Raises OutsideProfileError, or EngineError on wrong input or a failed run."""
        with self._lock:
            session = self._session
            if session is None:
                raise EngineError(f"{self.name} is not active")
            theirs = self._plan.tensors
            ours = {their: our for our, their in theirs.items()}
            shapes = {ours[name]: shape for name, shape in session.shapes.items()}
            check_feeds(feeds, shapes, {name: str(session.dtypes[theirs[name]]) for name in shapes})
            self._check_profile(session, feeds)
            fed = {theirs[name]: value for name, value in feeds.items()}
            try:
                outputs = self._gpu.run(
                    self.name, lambda: session.run(fed, graph=self._graph, timeout_s=self._timeout_s)
                )
            except HungError:
                self._session = None
                self._gpu.abandon(session)
                raise
            return {ours[name]: value for name, value in outputs.items()}

    def _check_profile(self, session: TrtSession, feeds: Feeds) -> None:
        for name, value in feeds.items():
            least, largest = session.least[self._plan.tensors[name]], session.largest[self._plan.tensors[name]]
            if any(not low <= size <= high for low, size, high in zip(least, value.shape, largest, strict=True)):
                raise OutsideProfileError(f"{self.name} takes {name} of {least} to {largest}, not {value.shape}")

    def deactivate(self) -> None:
        """Free everything; what a hung GPU may still write to is kept instead. `activate` works again afterwards."""
        with self._lock:
            session, self._session = self._session, None
            if session is None:
                return
            try:
                self._gpu.run(self.name, lambda: session.end(self._timeout_s))
            except HungError:
                self._gpu.abandon(session)
            except EngineError as error:  # the context is lost, and all memory with it
                _LOG.warning("%s", error)
