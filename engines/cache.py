"""Prepared data on disk, named after the archive and the code that made it, so that neither can go stale."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np


def default_cache() -> Path:
    """The user's cache folder for prepared data."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home) / "edge-emotion" / "engines"


def cached(
    folder: Path,
    name: str,
    archive: Path,
    code: Sequence[ModuleType],
    prepare: Callable[[], dict[str, Any]],
) -> dict[str, Any]:
    """The arrays that `prepare` gives, from the cache when `archive` and `code` are unchanged."""
    path = folder / f"{name}-{_fingerprint(archive, code)}.npz"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.stem}.{os.getpid()}.partial.npz")
        np.savez(partial, **prepare())
        partial.replace(path)
    with np.load(path) as arrays:
        return {key: arrays[key] for key in arrays.files}


def _fingerprint(archive: Path, code: Sequence[ModuleType]) -> str:
    digest = hashlib.sha256(f"{archive.name} {archive.stat().st_size}".encode())
    if archive.suffix == ".csv":  # a manifest may change and keep its size; an archive is too large to read each time
        digest.update(archive.read_bytes())
    for part in code:
        digest.update(Path(str(part.__file__)).read_bytes())
    return digest.hexdigest()[:12]
