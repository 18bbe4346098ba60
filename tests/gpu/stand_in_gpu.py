"""A whole GPU for tests that have none: `StandInGpu().backend()` serves wherever a GpuBackend does.

    gpu = StandInGpu(integrated=True)
    with gpu.backend().open(gpu.plan("face")) as engine:
        engine.infer({"crops": crops})
    assert not gpu.machine.mistakes and not gpu.left()

Faults on demand, at any time: `gpu.machine.fail_allocation(3)` (the third from now), `.launches_to_fail = 1` (a sticky
error when the work is done), `.launches_to_refuse = 1`, `.hung = True` (and back), `.nan = True`, `.fails_capture`.
"""

from __future__ import annotations

import hashlib
from typing import Any

from edge.infer.card import load_card
from edge.infer.engine import Engine
from edge.infer.gpu import Gpu
from edge.infer.plan_key import PlanKey, PlanTarget
from edge.infer.plan_shapes import profile, profile_text
from edge.infer.plan_store import Plan
from edge.infer.trt_engine import TrtEngine
from tests.gpu.machine import Machine
from tests.gpu.stand_in_libcuda import StandInLibcuda
from tests.gpu.stand_in_pycuda import driver_module
from tests.gpu.stand_in_tensorrt import plan_data, tensorrt_module

VERSION = "10.3.0"


class StandInGpu:
    """An Orin (`integrated`) or a card of its own, with TensorRT `version`. Its faults and counts are in `machine`."""

    def __init__(
        self, *, integrated: bool = True, graphs: bool = True, version: str = VERSION, name: str = "Orin"
    ) -> None:
        self.machine = Machine(integrated=integrated)
        self.version = version
        self.trt = tensorrt_module(self.machine, version)
        self.driver = driver_module(self.machine, name, (8, 7))
        self.gpu = Gpu(self.driver, StandInLibcuda(self.machine, has_graphs=graphs))  # type: ignore[arg-type]

    def target(self, l4t: str = "36.4.3") -> PlanTarget:
        """What plans must be built for."""
        return PlanTarget(backend="tensorrt", version=self.version, sm=self.gpu.sm, device=self.gpu.name, l4t=l4t)

    def plan(self, graph: str, *, precision: str = "fp32", faces: int = 8, prefix: str = "", **other: Any) -> Plan:
        """A plan of the shipped student's `graph` ("face" or "head"), as `target` wants it; `other`: fields of its key.

        With `prefix` the engine's tensors have other names than ours, as torch-tensorrt's have.
        """
        card = load_card()
        onnx = card.graph_path(graph, precision).read_bytes()
        shapes = profile(graph, faces=faces, embedding_size=card.embedding_size)
        outputs = ("embeddings",) if graph == "face" else ("fused", "video", "audio")
        facts = {
            "graph": graph,
            "model_sha256": hashlib.sha256(onnx).hexdigest(),
            "precision": precision,
            "target": self.target(),
            "shapes": profile_text(shapes),
        }
        return Plan(
            key=PlanKey(**{**facts, **other}),
            data=plan_data(onnx, shapes, version=self.version, prefix=prefix),
            tensors={name: prefix + name for name in (*shapes, *outputs)},
        )

    def engine(self, plan: Plan, *, cuda_graph: bool = True, timeout_s: float = 1.0) -> TrtEngine:
        """An engine of `plan`, not yet active."""
        return TrtEngine(plan, self.trt, self.gpu, cuda_graph=cuda_graph, timeout_s=timeout_s)

    def backend(self, *, cuda_graph: bool = True) -> StandInBackend:
        """A GpuBackend."""
        return StandInBackend(self, cuda_graph)

    def left(self) -> dict[str, int]:
        """What was taken and not given back, but for the primary context, which stays."""
        return {kind: count for kind, count in self.machine.live.items() if count and kind != "context"}


class StandInBackend:
    """A GpuBackend over a stand-in."""

    def __init__(self, stand_in: StandInGpu, cuda_graph: bool) -> None:
        self._stand_in = stand_in
        self._cuda_graph = cuda_graph

    def target(self) -> PlanTarget:
        """What plans must be built for."""
        return self._stand_in.target()

    def open(self, plan: Plan) -> Engine:
        """An engine of `plan`, not yet active."""
        return self._stand_in.engine(plan, cuda_graph=self._cuda_graph)
