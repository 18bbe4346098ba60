"""Which plan a card's student wants on a GPU."""

from __future__ import annotations

import hashlib

from edge.infer.card import Card
from edge.infer.plan_key import PlanKey, PlanTarget
from edge.infer.plan_shapes import FACES, profile, profile_text


def student_plan_key(card: Card, graph: str, precision: str, target: PlanTarget, *, faces: int = FACES) -> PlanKey:
    """The key of `graph` in `precision` on `target`, for up to `faces` faces.

    Raises EngineError where the card's student is not there so.
    """
    sha256 = hashlib.sha256(card.graph_bytes(graph, precision)).hexdigest()
    shapes = profile_text(profile(graph, faces=faces, embedding_size=card.embedding_size))
    return PlanKey(graph, sha256, precision, target, shapes)
