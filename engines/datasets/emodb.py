"""EmoDB: German speech by file name, `SPEAKER TEXT EMOTION VERSION` as in 03a01Fa."""

from __future__ import annotations

import re

from engines.datasets.listing import Listing
from engines.datasets.named import Named, list_named
from engines.datasets.splits import Splits
from engines.datasets.store import Store

NAME = "emodb"
LICENCE = "free for research, no licence text"
_NAME = re.compile(r"(\d\d)([abz]\d\d)([A-Z])([a-z])")
# The letters are those of the German words: Wut, Langeweile, Ekel, Angst, Freude, Trauer, neutral.
_EMOTIONS = {"W": "angry", "L": "boredom", "E": "disgust", "A": "fear", "F": "happy", "T": "sad", "N": "neutral"}


def list_emodb(store: Store, splits: Splits) -> Listing:
    """The files of its wav folder, or an archive; boredom is left out."""
    return list_named(store, splits, NAME, LICENCE, _parse)


def _parse(stem: str, _kind: str) -> Named | None:
    parts = _NAME.fullmatch(stem)
    if parts is None:
        return None
    speaker, _, letter, _ = parts.groups()
    if letter not in _EMOTIONS:
        raise ValueError(f"The name {stem} has emotion letter {letter}; EmoDB uses {', '.join(_EMOTIONS)}.")
    return Named(stem, speaker, _EMOTIONS[letter])
