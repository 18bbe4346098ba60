"""What a plan is built from: the bytes of one graph's ONNX file, and the shapes it has to take."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from edge.infer.card import Card, precision_file
from edge.infer.plan_key import PlanKey, PlanTarget
from edge.infer.plan_shapes import Profile, profile, profile_text


@dataclass(frozen=True)
class GraphSource:
    """One graph ("face" or "head") in one precision ("fp32", "fp16" or "int8"). `sha256` is that of `data`."""

    graph: str
    precision: str
    path: Path
    data: bytes
    sha256: str
    profile: Profile

    @classmethod
    def read(cls, card: Card, graph: str, precision: str, faces: int) -> GraphSource:
        """The student's own file. Raises EngineError when it was not exported so, or cannot be read."""
        data = card.graph_bytes(graph, precision)
        shapes = profile(graph, faces=faces, embedding_size=card.embedding_size)
        path = card.folder / precision_file(graph, precision)
        return cls(graph, precision, path, data, hashlib.sha256(data).hexdigest(), shapes)

    @property
    def shapes(self) -> str:
        """The profile as a part of the plan's key."""
        return profile_text(self.profile)

    def key(self, target: PlanTarget) -> PlanKey:
        """What the plan for `target` is kept under: of the very bytes that are compiled."""
        return PlanKey(self.graph, self.sha256, self.precision, target, self.shapes)
