"""The plans as a table, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from edge.infer.plan_key import PlanKey
from engines.plans.catalogue import Catalogue, StoredPlan
from engines.plans.here import Here

_TITLES = (
    "graph", "precision", "device", "SM", "TensorRT", "L4T", "model", "shapes", "MB", "built", "parity", "used here"
)  # fmt: skip
_UNITS = {"face": "faces", "head": "rows"}


def table(found: Catalogue, here: Here) -> str:
    """A line for each plan, then what is none."""
    rows = [_TITLES, *(_row(plan, here) for plan in found.plans)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines = lines if found.plans else []
    lines += [f"Rejected: {damaged.reason}." for damaged in found.damaged]
    if found.drafts:
        lines.append(f"{len(found.drafts)} unfinished files of writers that were killed.")
    if lines and here.target is None:
        lines.append(f"Which of them would be used here is not known: {here.unknown}.")
    return "\n".join(lines)


def as_json(found: Catalogue, here: Here) -> dict[str, Any]:
    """The same for programs; `used_here` is null where that is not known, `differs` the parts that speak against it."""
    return {
        "here": None if here.target is None else vars(here.target),
        "here_unknown": here.unknown or None,
        "plans": [
            {
                **plan.key.fields,
                "stem": plan.key.stem,
                "bytes": plan.size_bytes,
                "facts": dict(plan.facts),
                "used_here": _used(plan.key, here),
                "differs": _differs(plan.key, here),
            }
            for plan in found.plans
        ],
        "rejected": [{"files": list(damaged.files), "reason": damaged.reason} for damaged in found.damaged],
        "drafts": list(found.drafts),
        "timing_caches": list(found.timing),
    }


def _differs(key: PlanKey, here: Here) -> list[str]:
    parts = here.lacks(key)
    if here.precision not in (None, key.precision) and "precision" not in parts:
        parts.append("precision")
    return parts


def _used(key: PlanKey, here: Here) -> bool | None:
    if _differs(key, here):
        return False
    return None if here.target is None else True


def _row(plan: StoredPlan, here: Here) -> tuple[str, ...]:
    key, target = plan.key, plan.key.target
    version = target.version if target.backend == "tensorrt" else f"{target.version} ({target.backend})"
    return (
        key.graph,
        key.precision,
        target.device or "any",
        target.sm,
        version,
        target.l4t or "none",
        key.model_sha256[:8],
        shapes_words(key),
        f"{plan.size_bytes / 1e6:.1f}",
        str(plan.facts.get("built", "?"))[:20],
        _parity_words(plan.facts.get("parity")),
        _used_words(key, here),
    )


def _used_words(key: PlanKey, here: Here) -> str:
    parts = _differs(key, here)
    if parts:
        named = ", ".join(f"precision ({here.precision} is set)" if part == "precision" else part for part in parts)
        return f"no: {named}"
    return "unknown" if here.target is None else "yes"


def shapes_words(key: PlanKey) -> str:
    """The least and the largest batch: "1-8 faces"."""
    try:
        least, _, largest = next(iter(json.loads(key.shapes).values()))
        return f"{least[0]}-{largest[0]} {_UNITS.get(key.graph, 'rows')}"
    except (ValueError, TypeError, AttributeError, LookupError, StopIteration):
        return "?"


def _parity_words(parity: Any) -> str:
    """The largest difference of a probability, and the share of equal labels."""
    if not isinstance(parity, Mapping):
        return "?"
    most, agreement = parity.get("max"), parity.get("agreement")
    if not isinstance(most, (int, float)) or not isinstance(agreement, (int, float)):
        return "?"
    return f"{most:.1e}, {agreement:.1%}"
