"""The end of a build whose result is not the student."""

from __future__ import annotations

from edge.infer.engine import EngineError


class PlanRefusedError(EngineError):
    """A plan that compiles, but says something else than the student."""
