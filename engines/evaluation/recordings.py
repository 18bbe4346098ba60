"""Sound features of recordings that are judged, computed once by the device's own code and kept in the cache."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.features import crop, denoise, level, mfcc, noise, sound_features, voice
from edge.features.sound_features import sound_matrix
from edge.samples import FEATURE_SIZE, Floats
from engines.cache import cached

SOUND_CODE: tuple[ModuleType, ...] = (sound_features, denoise, noise, level, mfcc, voice)
PICTURE_CODE: tuple[ModuleType, ...] = (crop,)


@dataclass(frozen=True)
class Recordings:
    """Recordings end to end."""

    features: Floats
    """(frames, 120)"""
    voice: Floats
    """(frames,): probability of speech."""
    ends: NDArray[np.int64]
    """(n,): where each recording ends in `features`."""

    def __len__(self) -> int:
        return len(self.ends)

    def one(self, number: int) -> tuple[Floats, Floats]:
        """Features and voice of one recording."""
        chosen = slice(int(self.ends[number - 1]) if number else 0, int(self.ends[number]))
        return self.features[chosen], self.voice[chosen]


def analysed(sounds: Iterable[Floats]) -> dict[str, NDArray[Any]]:
    """The arrays of `Recordings`, from samples at RATE_HZ."""
    runs = [sound_matrix(samples) for samples in sounds]
    return {
        "features": np.concatenate([np.empty((0, FEATURE_SIZE), np.float32), *(run.features for run in runs)]),
        "voice": np.concatenate([np.empty(0, np.float32), *(run.voice for run in runs)]),
        "ends": np.cumsum([len(run.features) for run in runs]).astype(np.int64),
    }


def remembered(
    cache: Path | None,
    what: str,
    archive: Path,
    code: Sequence[ModuleType],
    prepare: Callable[[], dict[str, NDArray[Any]]],
) -> dict[str, NDArray[Any]]:
    """What `prepare` gives, kept in `cache` (None: nowhere) under the archive's content, `what` and the code."""
    if cache is None:
        return prepare()
    # Two archives may share name and size; their sha256 tells them apart.
    return cached(cache, f"judged-{what}-{_digest(archive)[:16]}", archive, code, prepare)


def _digest(archive: Path) -> str:
    digest = hashlib.sha256()
    with archive.open("rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()
