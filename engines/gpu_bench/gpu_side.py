"""TensorRT's part of the measurement: plans of every precision, and the ways in which one of them can be run."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from edge.errors import EdgeError
from edge.infer.card import GRAPHS, Card
from edge.infer.cuda import CudaBackend, gpu, tensorrt_module
from edge.infer.gpu import Gpu
from edge.infer.plan_key import PlanTarget
from edge.infer.plan_store import Plan
from edge.infer.trt_engine import TrtEngine
from engines.gpu_bench.compiling import Compile, compiler_of
from engines.gpu_bench.contenders import Contenders
from engines.gpu_bench.plans import Build, built
from engines.gpu_bench.request import Request
from engines.gpu_bench.stages import Stages, stages
from engines.gpu_bench.watch import Watch
from engines.gpu_bench.workload import Workload
from engines.parity.runs import Networks

NAME = "TensorRT"
_STAGED_CALLS = 100


@dataclass(frozen=True)
class Tools:
    """TensorRT and the GPU of this machine. `trt` is the tensorrt module."""

    trt: Any
    gpu: Gpu
    target: PlanTarget
    compiler: Compile

    @classmethod
    def here(cls, l4t: str) -> Tools:
        """Raises EngineError, with how to mend it, where TensorRT, pycuda or the GPU is missing."""
        trt = tensorrt_module()
        target = CudaBackend(l4t).target()
        return cls(trt, gpu(), target, compiler_of(trt))


@dataclass
class GpuSide:
    """`prepare` builds, and lets every plan take part; `transfers` asks afterwards what of it was copying."""

    tools: Tools
    card: Card
    builds: list[Build] = field(default_factory=list)
    plans: dict[str, Mapping[str, Plan]] = field(default_factory=dict)

    def prepare(self, request: Request, contenders: Contenders, watch: Watch) -> None:
        """What cannot be built is named among those that are missing."""
        for precision in request.precisions:
            try:
                plans, builds = built(
                    self.card, precision, request.most_faces, self.tools.target, self.tools.compiler, watch
                )
                self.builds += builds
                contenders.add(NAME, "gpu", precision, self._networks(plans, self.tools.gpu))
                self.plans[precision] = plans
            except EdgeError as error:
                contenders.missing(f"{NAME} {precision}", str(error))
        precision = self.main_precision
        if precision is not None:
            self._add_variants(precision, contenders)

    @property
    def main_precision(self) -> str | None:
        """The one that is looked at closely: the daemon's own where it is there."""
        return "fp16" if "fp16" in self.plans else next(iter(self.plans), None)

    def transfers(self, request: Request, work: Workload, contenders: Contenders, watch: Watch) -> list[Stages]:
        """Copies against computing, for both graphs and every face count of the main precision."""
        found: list[Stages] = []
        precision = self.main_precision
        if precision is None:
            return found
        copying = _sharing(self.tools.gpu, shared=False)
        for faces in request.faces:
            for graph, feeds in (("face", work.face_feeds(faces)), ("head", work.head_feeds(faces))):
                watch(f"transfers of the {graph} graph, {faces} faces", 1)
                plan = self.plans[precision][graph]
                try:
                    found.append(stages(plan, self.tools.trt, copying, feeds, faces, min(_STAGED_CALLS, request.calls)))
                except EdgeError as error:
                    contenders.missing(f"transfers, {graph}, {faces} faces", str(error))
        return found

    def _add_variants(self, precision: str, contenders: Contenders) -> None:
        """The same plans without a CUDA graph, and with the memory that this board would not choose."""
        plans, own = self.plans[precision], self.tools.gpu
        other = "copies" if own.integrated else "zero-copy"
        ways = {
            f"{NAME}, no CUDA graph": lambda: self._networks(plans, own, cuda_graph=False),
            f"{NAME}, {other}": lambda: self._networks(plans, _sharing(own, shared=not own.integrated)),
        }
        for name, make in ways.items():
            try:
                contenders.add(name, "gpu", precision, make())
            except EdgeError as error:
                contenders.missing(name, str(error))

    def _networks(self, plans: Mapping[str, Plan], on: Gpu, *, cuda_graph: bool = True) -> Networks:
        face, head = (TrtEngine(plans[graph], self.tools.trt, on, cuda_graph=cuda_graph) for graph in GRAPHS)
        return Networks(face, head)


def _sharing(gpu: Gpu, *, shared: bool) -> Gpu:
    """The same GPU and context; its buffers lie in the host's memory (`shared`) or are copied."""
    other = copy.copy(gpu)
    other.integrated = shared
    return other
