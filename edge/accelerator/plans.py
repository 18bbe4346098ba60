"""The plans for this GPU: out of the store, and built where they are missing or were rejected."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping

from edge.accelerator.plan_child import BuildRefusedError, CancelledError, PlanBuilder
from edge.config import Settings
from edge.infer.card import GRAPHS, Card
from edge.infer.engine import EngineError
from edge.infer.plan_key import PlanKey, PlanTarget
from edge.infer.plan_store import Plan, PlanError, PlanStore
from edge.infer.student_plan import student_plan_key
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
        self._rejected: dict[_Keys, str] = {}

    def get(self, target: PlanTarget, on_progress: Callable[[float], None]) -> dict[str, Plan]:
        """Both plans, by graph. Building them takes minutes, in which `on_progress` hears the share done.

        Raises EngineError: they cannot be had now, or not at all.
        """
        precision = self._settings.tensorrt.precision
        keys = tuple(student_plan_key(self._card, graph, precision, target) for graph in GRAPHS)
        rejected, reason = False, "the GPU does not take the engine that is there"
        try:
            plans = self._load(keys)
            rejected = self._rejected.get(keys) == _digest(plans)
            if not rejected:
                return plans
        except PlanError as error:
            reason = error.reason
        if keys in self._refused:
            raise EngineError(self._refused[keys])
        if not self._settings.tensorrt.build:
            raise EngineError(f"{reason}; run edge-engines build, or set tensorrt.build = true")
        _log.info("building the engine for %s: %s", target.device or "this GPU", reason)
        return self._built(keys, on_progress, anew=rejected)

    def reject(self, plans: Mapping[str, Plan], reason: str) -> None:
        """The GPU does not take what `get` gave: have it built anew, but only once."""
        keys = tuple(plan.key for plan in plans.values())
        if keys in self._rejected:
            self._refused[keys] = reason
        self._rejected[keys] = _digest(plans)

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


def _digest(plans: Mapping[str, Plan]) -> str:
    """sha256 (hex) over the plans' bytes."""
    digest = hashlib.sha256()
    for plan in plans.values():
        digest.update(plan.data)
    return digest.hexdigest()
