"""The plans for this GPU: out of the store, and built where they are missing or were rejected."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable

from edge.accelerator.plan_child import BuildRefusedError, CancelledError, PlanBuilder
from edge.config import Settings
from edge.infer.card import GRAPHS, Card
from edge.infer.engine import EngineError
from edge.infer.plan_key import BUILDER_VERSION, PlanKey, PlanTarget
from edge.infer.plan_shapes import profile, profile_text
from edge.infer.plan_store import Plan, PlanStore

MOST_BUILDS = 10
"""A build that failed so often fails for good: no more until the next start."""
_Keys = tuple[PlanKey, ...]

_log = logging.getLogger("edge.accelerator")


class Plans:
    """Remembers for this run which builds are of no use."""

    def __init__(self, settings: Settings, card: Card, store: PlanStore, builder: PlanBuilder) -> None:
        self._settings = settings
        self._card = card
        self._store = store
        self._builder = builder
        self._failures: dict[_Keys, int] = {}
        self._refused: dict[_Keys, str] = {}

    def get(self, target: PlanTarget, on_progress: Callable[[float], None]) -> dict[str, Plan]:
        """Both plans, by graph. Building them takes minutes, in which `on_progress` hears the share done.

        Raises EngineError: they cannot be had now, or not at all.
        """
        keys = tuple(self._key(graph, target) for graph in GRAPHS)
        try:
            return self._load(keys)
        except EngineError as error:
            if not self._settings.tensorrt.build:
                raise EngineError(f"{error}; run edge-engines build, or set tensorrt.build = true") from error
            if keys in self._refused:
                raise EngineError(self._refused[keys]) from error
            _log.info("building for %s: %s", target.device or "this GPU", error)
        self._build(keys, on_progress)
        return self._load(keys)

    def _load(self, keys: _Keys) -> dict[str, Plan]:
        return {key.graph: self._store.load(key) for key in keys}

    def _build(self, keys: _Keys, on_progress: Callable[[float], None]) -> None:
        on_progress(0.0)
        try:
            self._builder.build(on_progress)
        except CancelledError:
            raise
        except BuildRefusedError as error:
            self._refused[keys] = f"the engine built for this GPU was refused: {error}"
            raise EngineError(self._refused[keys]) from error
        except EngineError as error:
            failures = self._failures[keys] = self._failures.get(keys, 0) + 1
            if failures >= MOST_BUILDS:
                self._refused[keys] = f"the engine could not be built in {failures} attempts: {error}"
            raise EngineError(f"the engine could not be built: {error}") from error

    def _key(self, graph: str, target: PlanTarget) -> PlanKey:
        precision = self._settings.tensorrt.precision
        path = self._card.graph_path(graph, precision)
        try:
            sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            raise EngineError(
                f"the model {path} cannot be read ({error.strerror}): install the package again"
            ) from error
        return PlanKey(
            graph=graph,
            model_sha256=sha256,
            precision=precision,
            target=target,
            shapes=profile_text(profile(graph, embedding_size=self._card.embedding_size)),
            builder=BUILDER_VERSION,
        )
