"""Which plan a card's student wants on a GPU."""

from __future__ import annotations

import hashlib

from edge.infer.card import Card
from edge.infer.engine import EngineError
from edge.infer.plan_key import PlanKey, PlanTarget
from edge.infer.plan_shapes import FACES, profile, profile_text


def student_plan_key(card: Card, graph: str, precision: str, target: PlanTarget, *, faces: int = FACES) -> PlanKey:
    """The key of `graph` in `precision` on `target`, for up to `faces` faces.

    Raises EngineError where the card's student is not there so.
    """
    path = card.graph_path(graph, precision)
    try:
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise EngineError(f"The model file {path} cannot be read ({error.strerror}): install it again.") from error
    shapes = profile_text(profile(graph, faces=faces, embedding_size=card.embedding_size))
    return PlanKey(graph, sha256, precision, target, shapes)
