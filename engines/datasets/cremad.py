"""CREMA-D: films and sounds by file name, `actor_sentence_EMOTION_LEVEL`."""

from __future__ import annotations

import re

from engines.datasets.listing import Listing
from engines.datasets.named import Named, list_named
from engines.datasets.splits import Splits
from engines.datasets.store import Store

NAME = "cremad"
LICENCE = "ODbL 1.0 and DbCL 1.0"
_NAME = re.compile(r"(?:.*_)?(1\d{3})_([A-Z]{3})_([A-Z]{3})_([A-Z]{1,2})")
_EMOTIONS = {"ANG": "angry", "DIS": "disgust", "FEA": "fear", "HAP": "happy", "NEU": "neutral", "SAD": "sad"}
_INTENSITIES = {"LO": "low", "MD": "normal", "HI": "strong", "XX": "", "X": ""}


def list_cremad(store: Store, splits: Splits) -> Listing:
    """Films of VideoFlash and sounds of AudioWAV, or any folders with files of these names."""
    return list_named(store, splits, NAME, LICENCE, _parse)


def _parse(stem: str, _kind: str) -> Named | None:
    parts = _NAME.fullmatch(stem)
    if parts is None:
        return None
    actor, _, emotion, level = parts.groups()
    if emotion not in _EMOTIONS:
        raise ValueError(f"The name {stem} has emotion {emotion}; CREMA-D uses {', '.join(_EMOTIONS)}.")
    if level not in _INTENSITIES:
        raise ValueError(f"The name {stem} has level {level}; CREMA-D uses {', '.join(_INTENSITIES)}.")
    return Named(parts[0][-len("_".join(parts.groups())) :], actor, _EMOTIONS[emotion], _INTENSITIES[level])
