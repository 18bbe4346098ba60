"""Everything in the folder of the plans, looked at as the daemon looks at it, but never run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.infer.plan_folder import PlanFolder
from edge.infer.plan_key import PlanKey
from edge.infer.plan_store import PlanError, PlanMissingError, read_manifest, read_plan

_ENDINGS = (".plan", ".json")
_PLAN = re.compile(r"student_[a-z0-9]{1,16}-[a-z0-9]{1,16}-[0-9a-f]{16}\.(plan|json)", re.ASCII)
_TIMING = re.compile(r"timing-[0-9a-f]{16}\.cache", re.ASCII)
_YOUNG_DRAFT_S = 60.0


@dataclass(frozen=True)
class StoredPlan:
    """A plan that is whole. `facts`: what its manifest tells of its making."""

    key: PlanKey
    files: dict[str, int]
    facts: Mapping[str, Any]

    @property
    def size_bytes(self) -> int:
        """Of the plan and its manifest."""
        return sum(self.files.values())


@dataclass(frozen=True)
class Damaged:
    """Files under a plan's name that are none, or no pair; `reason` is a sentence without its dot."""

    files: dict[str, int]
    reason: str


@dataclass(frozen=True)
class Catalogue:
    """`drafts`: what writers left that were killed; `timing`: timing caches. Both by name, with bytes.

    What is none of ours is not in it.
    """

    plans: list[StoredPlan]
    damaged: list[Damaged]
    drafts: dict[str, int]
    timing: dict[str, int]


def catalogue(folder: PlanFolder, path: Path) -> Catalogue:
    """The opened `folder`, whose place is `path`. Every byte is read and hashed. Raises OSError."""
    names = folder.names()
    stems = dict.fromkeys(Path(name).stem for name in names if _PLAN.fullmatch(name))
    plans: list[StoredPlan] = []
    damaged: list[Damaged] = []
    for stem in stems:
        files = {name: names[name] for name in (stem + ending for ending in _ENDINGS) if name in names}
        try:
            plans.append(_stored(folder, path, stem, files))
        except PlanError as error:
            damaged.append(Damaged(files, error.reason))
    return Catalogue(
        plans,
        damaged,
        drafts={name: names.get(name, 0) for name in folder.leftovers(_YOUNG_DRAFT_S)},
        timing={name: size for name, size in names.items() if _TIMING.fullmatch(name)},
    )


def _stored(folder: PlanFolder, path: Path, stem: str, files: dict[str, int]) -> StoredPlan:
    if len(files) < len(_ENDINGS):
        there, lacking = next(iter(files)), "manifest" if f"{stem}.plan" in files else "plan"
        raise PlanMissingError(f"The file {path / there} has no {lacking} beside it")
    manifest = read_manifest(folder, path / f"{stem}.json")
    read_plan(folder, path / f"{stem}.plan", manifest)
    try:
        key = PlanKey.of_fields(manifest.key)
    except ValueError as error:
        raise PlanMissingError(f"The manifest {path / stem}.json {error}") from error
    if key.stem != stem:
        raise PlanMissingError(f"The plan {path / stem}.plan lies under a name that is not its own, {key.stem}")
    return StoredPlan(key, files, manifest.facts)
