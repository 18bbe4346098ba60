"""Who takes part on this machine, made ready; who does not, and why."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from edge.errors import EdgeError
from edge.infer.card import GRAPHS, Card
from edge.infer.engine import EngineError
from edge.infer.onnx_engine import OnnxEngine
from engines.gpu_bench.contender import Absence, Contender
from engines.gpu_bench.request import Request
from engines.parity.runs import Networks

REFERENCE = "ONNX Runtime CPU"
_Made = Callable[[], Networks]


class Contenders:
    """`present` are active until the stack is left; the first one is the reference: ONNX Runtime, CPU, fp32."""

    def __init__(self, card: Card, stack: ExitStack) -> None:
        self._card, self._stack = card, stack
        self.present: list[Contender] = []
        self.absent: list[Absence] = []
        self._add(REFERENCE, "cpu", "fp32", lambda: self._ort("fp32"))

    @property
    def reference(self) -> Contender:
        """Everything is compared with it."""
        return self.present[0]

    def add_others(self, request: Request) -> None:
        """All but TensorRT: it has to be built first."""
        device = "cuda" if request.on_gpu else "cpu"
        place = "gpu" if request.on_gpu else "cpu"
        if request.on_gpu:
            self._add("ONNX Runtime CUDA", "gpu", "fp32", self._ort_cuda)
        for precision in () if request.on_gpu else request.precisions:
            if precision != "fp32":
                self._add(REFERENCE, "cpu", precision, lambda precision=precision: self._ort(precision))
        self._add(f"torch eager {device}", place, "fp32", lambda: self._torch(device, compiled=False))
        if request.compiles:
            self._add(f"torch.compile {device}", place, "fp32", lambda: self._torch(device, compiled=True))
        else:
            self.missing(f"torch.compile {device}", "It compiles for many seconds per face count: run without --quick.")

    def missing(self, row: str, reason: str) -> None:
        """Note what cannot be had."""
        self.absent.append(Absence(row, reason))

    def drop(self, one: Contender, reason: str) -> None:
        """One that fails on its way. Raises EngineError when it is the reference."""
        if one is self.reference:
            raise EngineError(f"{one.name}, with which everything is compared, failed: {reason}")
        self.present.remove(one)
        self.missing(f"{one.name} {one.precision}", reason)

    def add(self, name: str, place: str, precision: str, networks: Networks) -> None:
        """One that is made elsewhere; activated here. Raises EngineError."""
        face, head = (self._stack.enter_context(engine) for engine in networks)
        self.present.append(Contender(name, place, precision, Networks(face, head)))

    def _add(self, name: str, place: str, precision: str, make: _Made) -> None:
        try:
            self.add(name, place, precision, make())
        except EdgeError as error:
            self.missing(f"{name} {precision}", str(error))

    def _ort(self, precision: str) -> Networks:
        paths = (self._card.graph_path(graph, precision) for graph in GRAPHS)
        return Networks(*(OnnxEngine(path) for path in paths))

    def _ort_cuda(self) -> Networks:
        from engines.gpu_bench.ort_cuda import OrtCudaEngine

        return Networks(OrtCudaEngine(self._card.face_path), OrtCudaEngine(self._card.head_path))

    def _torch(self, device: str, *, compiled: bool) -> Networks:
        try:
            from engines.gpu_bench.torch_device import networks
        except ModuleNotFoundError as error:
            raise EngineError(f"{error.name} is not installed: pip install 'edge-emotion[train]'.") from error
        return networks(self._card, device, compiled=compiled)
