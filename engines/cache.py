"""Prepared data on disk, named after the archive and the code that made it, so that neither can go stale."""

from __future__ import annotations

import hashlib
import logging
import os
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

_LOG = logging.getLogger(__name__)


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
    """The arrays that `prepare` gives, from the cache when `archive` and `code` are unchanged.

    A folder that cannot be written costs time, not the result: that is logged.
    """
    path = folder / f"{name}-{_fingerprint(archive, code)}.npz"
    kept = _kept(path)
    if kept is not None:
        return kept
    arrays = prepare()
    partial = path.with_name(f"{path.stem}.{os.getpid()}.partial.npz")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(partial, **arrays)
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        _LOG.warning("The cache %s cannot be written (%s): name another with --cache.", folder, error.strerror)
    return {key: np.asarray(value) for key, value in arrays.items()}


def _kept(path: Path) -> dict[str, Any] | None:
    """The arrays in a file of the cache; None where there is none, or none that can be read."""
    try:
        with np.load(path) as arrays:
            return {key: arrays[key] for key in arrays.files}
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        _LOG.warning("The cached file %s cannot be read (%s): it is made anew.", path, error)
        return None


def _fingerprint(archive: Path, code: Sequence[ModuleType]) -> str:
    digest = hashlib.sha256(f"{archive.name} {archive.stat().st_size}".encode())
    if archive.suffix == ".csv":  # a manifest may change and keep its size; an archive is too large to read each time
        digest.update(archive.read_bytes())
    for part in code:
        digest.update(Path(str(part.__file__)).read_bytes())
    return digest.hexdigest()[:12]
