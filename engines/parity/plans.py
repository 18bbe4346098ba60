"""The plans of this machine's GPU, out of the store that the daemon loads them from."""

from __future__ import annotations

from edge.board import board
from edge.infer.card import Card
from edge.infer.cuda import CudaBackend
from edge.infer.engine import Engine, EngineError
from edge.infer.plan_store import PlanError, PlanStore, plans_folder
from edge.infer.student_plan import student_plan_key
from engines.parity.runs import Networks


def plan_networks(card: Card, precision: str, faces: int) -> Networks:
    """Face encoder and window head, not yet active. Raises EngineError without a GPU, TensorRT or plans for them."""
    backend, store = CudaBackend(board().l4t or ""), PlanStore(plans_folder())
    target = backend.target()
    found: list[Engine] = []
    for graph in Networks._fields:
        key = student_plan_key(card, graph, precision, target, faces=faces)
        try:
            found.append(backend.open(store.load(key)))
        except PlanError as error:
            mend = f"run `edge-engines build --precision {precision} --faces {faces}`"
            raise EngineError(f"{error.reason}: {mend}.") from error
    return Networks(*found)
