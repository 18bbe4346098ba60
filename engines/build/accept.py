"""Whether a fresh plan says what ONNX Runtime says: what does not is never kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any

from edge.infer.card import Card
from edge.infer.cuda import GpuBackend
from edge.infer.engine import Engine
from edge.infer.onnx_engine import OnnxEngine
from edge.infer.plan_store import Plan
from engines.build.refused import PlanRefusedError
from engines.parity.backends import reference
from engines.parity.compare import Parity, compare, work
from engines.parity.feeds import ParityFeeds
from engines.parity.runs import Networks
from engines.parity.sources import usual_feeds
from engines.parity.tolerance import tolerance

Feeder = Callable[[Engine, int], ParityFeeds]
Watch = Callable[[float], None]
"""Told which share of the comparison is done."""


class Acceptance:
    """Compares both graphs of one precision with ONNX Runtime in fp32."""

    def __init__(self, card: Card, precision: str, faces: int, feeder: Feeder = usual_feeds) -> None:
        self._card = card
        self._precision = precision
        self._faces = faces
        self._feeder = feeder

    def of_plans(self, backend: GpuBackend, plans: Mapping[str, Plan], device: str, watch: Watch) -> dict[str, Any]:
        """Run the plans of "face" and "head" on the GPU. Raises PlanRefusedError, or EngineError when it fails."""
        face, head = backend.open(plans["face"]), backend.open(plans["head"])
        return self._judged(face, head, f"the plans on {device}", watch)

    def of_files(self, watch: Watch) -> dict[str, Any]:
        """Where the plan cannot be run: the ONNX files that it is made of, on this machine's CPU."""
        face, head = (OnnxEngine(self._card.graph_path(graph, self._precision)) for graph in ("face", "head"))
        return self._judged(face, head, "the ONNX files in ONNX Runtime on a CPU, not the plans", watch)

    def _judged(self, face: Engine, head: Engine, measured: str, watch: Watch) -> dict[str, Any]:
        with ExitStack() as stack:
            truth = reference(self._card, stack)
            candidate = Networks(stack.enter_context(face), stack.enter_context(head))
            feeds = self._feeder(truth.face, self._card.embedding_size)
            total, done = work(feeds), [0]

            def count(more: int) -> None:
                done[0] += more
                watch(done[0] / total)

            limits, temperature = tolerance(self._precision), self._card.temperature
            parity = compare(truth, candidate, feeds, limits, temperature, faces=self._faces, watch=count)
        if not parity.accepted:
            raise PlanRefusedError(f"{parity.words} Nothing is kept; ONNX Runtime serves.")
        return _summary(parity, measured)


def _summary(parity: Parity, measured: str) -> dict[str, Any]:
    worst = parity.worst
    return {
        "measured": measured,
        "reference": parity.reference,
        "source": parity.source,
        "crops": parity.crops,
        "rows": parity.rows,
        "max": worst.most,
        "mean": worst.mean,
        "agreement": worst.agreement,
    }
