"""Whether a data folder holds people to learn from and others to judge by: told before the work, not within it."""

from __future__ import annotations

from pathlib import Path

from edge.errors import UsageError
from engines.archives import Sources
from engines.datasets.item import SPLITS
from engines.datasets.manifest import read_manifest

_NEEDED = SPLITS[:2]


def require_parts(sources: Sources, folder: Path, *, faces: bool, voices: bool) -> None:
    """Raises UsageError when nobody's faces (or voices) are in train, or nobody's in validation.

    An archive of the data pack has people in both; folds of a manifest become both.
    """
    if faces and sources.fer2013 is None:
        _require(sources, folder, "faces", {"picture", "film"})
    if voices and not sources.speech:
        _require(sources, folder, "voices", {"sound", "film"})


def _require(sources: Sources, folder: Path, what: str, kinds: set[str]) -> None:
    items = [item for path in sources.manifests for item in read_manifest(path).items]
    there = {item.split for item in items if item.kind in kinds and item.usable}
    missing = [part for part in _NEEDED if part not in there]
    if missing and not any(split.startswith("fold") for split in there):
        raise UsageError(
            f"The data folder {folder} holds no {what} in {' and none in '.join(missing)}: prepare more people, "
            "say with `edge-engines prepare … --splits FILE` who is in which part, or name another folder with --data."
        )
