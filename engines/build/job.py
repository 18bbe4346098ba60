"""Both graphs in one precision: what is there already stays, the rest is compiled, compared, and then kept."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from edge.infer.card import GRAPHS, Card
from edge.infer.plan_key import PlanTarget
from edge.infer.plan_store import Plan, PlanMissingError, PlanRejectedError, PlanStore
from engines.build.compiler import Compiled
from engines.build.config import BuildOptions
from engines.build.facts import facts
from engines.build.phases import Phases
from engines.build.progress import Progress, Step
from engines.build.source import GraphSource
from engines.build.watched import watched

_log = logging.getLogger("engines.build")
_COMPILING = 0.9
"""The share of compiling in the whole; the rest is comparing."""


class GraphCompiler(Protocol):
    """Makes a plan of one graph. `origin` is "onnx" or "torch"."""

    @property
    def origin(self) -> str:
        """What it compiles."""
        ...

    @property
    def name(self) -> str:
        """The compiler and its version, for the manifest."""
        ...

    def compile(self, source: GraphSource, options: BuildOptions, phases: Phases) -> Compiled:
        """Raises EngineError in one sentence."""
        ...


class Judge(Protocol):
    """Compares the plans of both graphs with ONNX Runtime."""

    def __call__(self, plans: Mapping[str, Plan], watch: Callable[[float], None]) -> dict[str, Any]:
        """What the manifest tells of it; `watch` hears the share that is done. Raises EngineError to refuse them."""
        ...


@dataclass(frozen=True)
class BuildRequest:
    """What is to be built, for which GPU. With `force` also what is there already."""

    card: Card
    precision: str
    faces: int
    target: PlanTarget
    options: BuildOptions
    force: bool = False


@dataclass(frozen=True)
class PlanEntry:
    """One plan in the store. `seconds` is None for one that was there already."""

    graph: str
    path: Path
    size_bytes: int
    seconds: float | None = None


class PlanJob:
    """One request. `run` once."""

    def __init__(
        self, request: BuildRequest, compiler: GraphCompiler, judge: Judge, store: PlanStore, progress: Progress
    ) -> None:
        self._request = request
        self._compiler = compiler
        self._judge = judge
        self._store = store
        self._progress = progress
        self._seconds: dict[str, float] = {}

    def run(self) -> list[PlanEntry]:
        """The plans of both graphs, in the store. Raises EngineError in one sentence; what is refused is not kept."""
        asked = self._request
        sources = [GraphSource.read(asked.card, graph, asked.precision, asked.faces) for graph in GRAPHS]
        self._store.prepare()
        plans = {} if asked.force else self._there(sources)
        missing = [source for source in sources if source.graph not in plans]
        for number, source in enumerate(missing):
            plans[source.graph] = self._compiled(source, number / len(missing), 1 / len(missing))
        parity = self._judge(plans, self._comparing) if missing else {}
        return [self._entry(source, plans[source.graph], parity) for source in sources]

    def _there(self, sources: list[GraphSource]) -> dict[str, Plan]:
        """What the store has of these, checked as the daemon checks it."""
        plans = {}
        for source in sources:
            try:
                plans[source.graph] = self._store.load(source.key(self._request.target))
            except PlanMissingError:
                continue
            except PlanRejectedError as error:
                _log.info("%s", error)
        return plans

    def _compiled(self, source: GraphSource, begin: float, share: float) -> Plan:
        phases = Phases()
        began = time.monotonic()

        def look() -> None:
            done = _COMPILING * (begin + share * phases.fraction)
            self._progress.tell(Step(source.graph, phases.name or "reading the network", done))

        compiled = watched(lambda: self._compiler.compile(source, self._request.options, phases), phases, look)
        self._seconds[source.graph] = time.monotonic() - began
        return Plan(source.key(self._request.target), compiled.data, compiled.tensors)

    def _comparing(self, share: float) -> None:
        self._progress.tell(Step("student", "comparing with ONNX Runtime", _COMPILING + (1 - _COMPILING) * share))

    def _entry(self, source: GraphSource, plan: Plan, parity: dict[str, Any]) -> PlanEntry:
        """Save it, if it is new."""
        seconds = self._seconds.get(source.graph)
        if seconds is None:
            return PlanEntry(source.graph, self._store.path(plan.key), len(plan.data))
        compiler, options = self._compiler, self._request.options
        told = facts(source, options, compiler.name, compiler.origin, seconds, parity)
        return PlanEntry(source.graph, self._store.save(plan, told), len(plan.data), seconds)
