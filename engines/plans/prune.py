"""Removes what can never be used again on this machine."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from edge.infer.plan_folder import PlanFolder
from engines.plans.catalogue import Catalogue
from engines.plans.here import Here


@dataclass(frozen=True)
class Removal:
    """A file, and why it goes."""

    file: str
    size_bytes: int
    why: str


def removals(found: Catalogue, here: Here, *, everything: bool = False) -> list[Removal]:
    """What can go; a plan that this machine would use stays, unless `everything` of ours is to go."""
    going: list[Removal] = []
    for damaged in found.damaged:
        going += [Removal(name, size, damaged.reason) for name, size in damaged.files.items()]
    for plan in found.plans:
        parts = here.never(plan.key)
        if parts or everything:
            why = f"made for another {', '.join(parts)}" if parts else "all were to go"
            going += [Removal(name, size, why) for name, size in plan.files.items()]
    going += [Removal(name, size, "left behind by a writer that was killed") for name, size in found.drafts.items()]
    for name, size in found.timing.items():
        if everything or (here.target is not None and name != here.target.timing_file):
            going.append(Removal(name, size, "all were to go" if everything else "made for another TensorRT or GPU"))
    return going


def remove(folder: PlanFolder, going: list[Removal]) -> None:
    """Manifests first: a plan alone is not used. Raises OSError."""
    for one in sorted(going, key=lambda one: not one.file.endswith(".json")):
        with contextlib.suppress(FileNotFoundError):
            folder.remove(one.file)
