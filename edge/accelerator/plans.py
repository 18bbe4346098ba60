"""The plans for this GPU: out of the store, and built where they are missing or were rejected."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping

from edge.accelerator.plan_child import BuildRefusedError, CancelledError, PlanBuilder
from edge.config import Settings
from edge.infer.card import GRAPHS, Card
from edge.infer.engine import EngineError
from edge.infer.plan_key import BUILDER_VERSION, PlanKey, PlanTarget
from edge.infer.plan_shapes import profile, profile_text
from edge.infer.plan_store import Plan, PlanError, PlanStore
from edge.infer.switching_engine import in_words

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
        self._rejected: set[_Keys] = set()
        self._rebuilt: set[_Keys] = set()

    def get(self, target: PlanTarget, on_progress: Callable[[float], None]) -> dict[str, Plan]:
        """Both plans, by graph. Building them takes minutes, in which `on_progress` hears the share done.

        Raises EngineError: they cannot be had now, or not at all.
        """
        keys = tuple(self._key(graph, target) for graph in GRAPHS)
        rejected = keys in self._rejected
        reason = "the GPU does not take the engine that is there"
        if not rejected:
            try:
                return self._load(keys)
            except PlanError as error:
                reason = error.reason
        if keys in self._refused:
            raise EngineError(self._refused[keys])
        if not self._settings.tensorrt.build:
            raise EngineError(f"{reason}; run edge-engines build, or set tensorrt.build = true")
        _log.info("building the engine for %s: %s", target.device or "this GPU", reason)
        plans = self._built(keys, on_progress, anew=rejected)
        self._rejected.discard(keys)
        return plans

    def reject(self, plans: Mapping[str, Plan], reason: str) -> None:
        """The GPU does not take what `get` gave: have it built anew, but only once."""
        keys = tuple(plan.key for plan in plans.values())
        if keys in self._rebuilt:
            self._refused[keys] = reason
        self._rebuilt.add(keys)
        self._rejected.add(keys)

    def _load(self, keys: _Keys) -> dict[str, Plan]:
        return {key.graph: self._store.load(key) for key in keys}

    def _built(self, keys: _Keys, on_progress: Callable[[float], None], *, anew: bool) -> dict[str, Plan]:
        on_progress(0.0)
        try:
            self._builder.build(on_progress, anew=anew)
            return self._load(keys)
        except CancelledError:
            raise
        except BuildRefusedError as error:
            self._refused[keys] = f"the engine built for this GPU was refused: {in_words(error)}"
            raise EngineError(self._refused[keys]) from error
        except EngineError as error:
            failures = self._failures[keys] = self._failures.get(keys, 0) + 1
            if failures >= MOST_BUILDS:
                self._refused[keys] = f"the engine could not be built in {failures} attempts: {in_words(error)}"
            raise EngineError(f"the engine could not be built: {in_words(error)}") from error

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
