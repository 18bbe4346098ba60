"""What an artefact was made of: `recipe.json` beside it, enough to make it again."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import edge

RECIPE_FILE = "recipe.json"
_PACKAGES = ("torch", "numpy", "opencv-python")


def _versions() -> dict[str, str]:
    """Of this package, of Python and of what computes."""
    versions = {"edge-emotion": edge.__version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:  # OpenCV comes in four packages
            continue
    return versions


@dataclass(frozen=True)
class Recipe:
    """How one artefact was trained and what came of it."""

    stage: str
    artefact: str
    """File name of what lies beside."""
    seed: int
    settings: dict[str, Any]
    """All hyper-parameters."""
    data: dict[str, str]
    """sha256 of each manifest or archive, by file name."""
    figures: dict[str, Any]
    """On the validation people."""
    seconds: float
    device: str = "cpu"
    processes: int = 1
    versions: dict[str, str] = field(default_factory=_versions)

    def write(self, artefact: Path) -> Path:
        """Write it into the folder of `artefact`, whole or not at all; returns where."""
        path = artefact.with_name(RECIPE_FILE)
        partial = path.with_name(f"{RECIPE_FILE}.partial")
        partial.write_text(json.dumps(asdict(self), indent=1, default=str) + "\n", encoding="utf-8")
        partial.replace(path)
        return path


def read_recipe(artefact: Path) -> Recipe | None:
    """The recipe beside `artefact`, or None where there is none that can be read."""
    try:
        read = json.loads(artefact.with_name(RECIPE_FILE).read_text(encoding="utf-8"))
        return Recipe(**{name: read[name] for name in Recipe.__dataclass_fields__})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def hash_files(paths: Iterable[Path]) -> dict[str, str]:
    """sha256 of each file, by its name."""
    return {path.name: _sha256(path) for path in sorted(paths)}


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()
