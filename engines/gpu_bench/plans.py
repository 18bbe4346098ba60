"""Plans that are built for the measurement alone: from nothing, without what earlier builds left behind."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edge.infer.card import GRAPHS, Card
from edge.infer.plan_key import PlanTarget
from edge.infer.plan_store import Plan
from engines.build.source import GraphSource
from engines.gpu_bench.compiling import Compile
from engines.gpu_bench.watch import Watch


@dataclass(frozen=True)
class Build:
    """One graph through the compiler."""

    graph: str
    precision: str
    seconds: float
    size_bytes: int


def built(
    card: Card, precision: str, faces: int, target: PlanTarget, compiler: Compile, watch: Watch
) -> tuple[Mapping[str, Plan], Sequence[Build]]:
    """Plans of both graphs for up to `faces` faces, and what they took. Raises EngineError in one sentence."""
    plans, builds = {}, []
    for graph in GRAPHS:
        source = GraphSource.read(card, graph, precision, faces)
        words = f"building the {graph} graph in {precision}"
        watch(words, 0)
        began = time.monotonic()
        compiled = compiler(source, lambda done, words=words: watch(f"{words}, {done:.0%}", 0))
        builds.append(Build(graph, precision, time.monotonic() - began, len(compiled.data)))
        plans[graph] = Plan(source.key(target), compiled.data, compiled.tensors)
        watch(f"built the {graph} graph in {precision}", 1)
    return plans, builds
