"""The plans of this machine's GPU, out of the store that the daemon loads them from."""

from __future__ import annotations

from edge.board import board
from edge.infer.card import Card
from edge.infer.cuda import CudaBackend
from edge.infer.engine import Engine, EngineError
from edge.infer.plan_key import PlanKey
from edge.infer.plan_store import PlanMissing, PlanStore, plans_folder
from engines.build.source import GraphSource
from engines.parity.runs import Networks


def plan_networks(card: Card, precision: str, faces: int) -> Networks:
    """Face encoder and window head, not yet active. Raises EngineError without a GPU, TensorRT or plans for them."""
    backend, store = CudaBackend(board().l4t or ""), PlanStore(plans_folder())
    target = backend.target()
    found: list[Engine] = []
    for graph in Networks._fields:
        source = GraphSource.read(card, graph, precision, faces)
        key = PlanKey(graph=graph, model_sha256=source.sha256, precision=precision, target=target, shapes=source.shapes)
        try:
            found.append(backend.open(store.load(key)))
        except PlanMissing as error:
            raise EngineError(f"{error}; run `edge-engines build --precision {precision} --faces {faces}`") from error
    return Networks(*found)
