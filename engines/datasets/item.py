"""One picture, sound or film of a data set: where it lies, who shows what, and what it may be used for."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from edge.samples import EMOTIONS, Floats

KINDS = ("picture", "sound", "film")
INTENSITIES = ("", "low", "normal", "strong")
SPLITS = ("train", "validation", "test")
VOTES = tuple(f"votes_{emotion}" for emotion in EMOTIONS)
_NUMBERS = ("start_s", "end_s", "audio_delay_s", "audio_lag_s", "face_share")
_FLAGS = ("usable", "judged")
COLUMNS = (
    "path",
    "kind",
    "data_set",
    "person",
    "emotion",
    "intensity",
    "split",
    "licence",
    *_NUMBERS,
    *_FLAGS,
    *VOTES,
)
_REQUIRED = ("path", "kind", "data_set", "person", "emotion", "split", "licence")
_FOLD = re.compile(r"fold[1-9]\d*")


@dataclass(frozen=True)
class Item:
    """One row of a manifest. Raises ValueError, with a sentence, for a value that is not allowed."""

    path: str
    """Relative to the manifest's folder; `ARCHIVE!MEMBER` inside a zip or tar, `FILE#ENTRY` inside a table or sheet."""
    kind: str
    data_set: str
    person: str
    """Whose face or voice it is, in the data set's own numbering; where no people are known, the picture itself."""
    emotion: str
    """One of EMOTIONS."""
    split: str
    """train, validation, test, or fold1, fold2, … where the data set is meant for cross-validation."""
    licence: str
    intensity: str = ""
    start_s: float | None = None
    end_s: float | None = None
    """The part of the file that is meant, from the file's own start; None: all of it."""
    audio_delay_s: float | None = None
    """How much later the sound's first sample is than the picture's first frame; negative: the sound is earlier."""
    audio_lag_s: float | None = None
    """How much later the sound was taken than its stamps say, as between two devices; decoding takes it off."""
    face_share: float | None = None
    """In which share of the frames looked at a face was found; None: not looked for."""
    usable: bool = True
    """May be trained on."""
    judged: bool = True
    """Counts in an evaluation."""
    votes: tuple[float, ...] | None = None
    """(7,) how many people saw each emotion, where they were asked."""

    def __post_init__(self) -> None:
        for name in _REQUIRED:
            if not getattr(self, name):
                raise ValueError(f"{name} is empty: it must be filled in.")
        _one_of("kind", self.kind, KINDS)
        _one_of("emotion", self.emotion, EMOTIONS)
        _one_of("intensity", self.intensity, INTENSITIES)
        if self.split not in SPLITS and not _FOLD.fullmatch(self.split):
            raise ValueError(f"split {self.split!r} is unknown: write {', '.join(SPLITS)} or fold1, fold2, ….")
        if (self.start_s is None) != (self.end_s is None):
            raise ValueError("start_s and end_s go together: give both or neither.")
        if self.start_s is not None and self.end_s is not None and not 0 <= self.start_s < self.end_s:
            raise ValueError(f"start_s {self.start_s} and end_s {self.end_s} are no stretch: 0 ≤ start_s < end_s.")
        if self.votes is not None and (len(self.votes) != len(EMOTIONS) or min(self.votes) < 0):
            raise ValueError(f"The votes must be {len(EMOTIONS)} numbers, none of them negative.")

    @property
    def label(self) -> int:
        """Place of the emotion in EMOTIONS."""
        return EMOTIONS.index(self.emotion)

    @property
    def target(self) -> Floats:
        """(7,) soft label that sums to 1: half the data set's own label, half the votes; without votes all label."""
        hard = np.zeros(len(EMOTIONS), np.float32)
        hard[self.label] = 1.0
        if self.votes is None or sum(self.votes) == 0:
            return hard
        votes = np.array(self.votes, np.float32)
        return np.asarray(0.5 * hard + 0.5 * votes / votes.sum(), np.float32)

    def to_row(self) -> dict[str, str]:
        """Text for each of COLUMNS."""
        row = {name: str(getattr(self, name)) for name in COLUMNS[:8]}
        row |= {name: _text(getattr(self, name)) for name in _NUMBERS}
        row |= {name: str(int(getattr(self, name))) for name in _FLAGS}
        return row | dict(zip(VOTES, map(_text, self.votes or [None] * len(VOTES)), strict=True))

    @classmethod
    def from_row(cls, row: Mapping[str, str]) -> Item:
        """The opposite of `to_row`; columns after `licence` may be absent. Raises ValueError with a sentence."""
        values: dict[str, Any] = {name: (row.get(name) or "").strip() for name in COLUMNS[:8]}
        values |= {name: number_or_none(name, row.get(name)) for name in _NUMBERS}
        values |= {name: _flag(name, row.get(name)) for name in _FLAGS}
        votes = [number_or_none(name, row.get(name)) for name in VOTES]
        given = [vote for vote in votes if vote is not None]
        if given and len(given) < len(votes):
            raise ValueError(
                f"Only {len(given)} of the {len(votes)} votes_ columns are filled in: fill in all or none."
            )
        return cls(**values, votes=tuple(given) or None)


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ValueError(
            f"{name} {value!r} is unknown: write one of {', '.join(word or 'nothing' for word in allowed)}."
        )


def _text(value: float | None) -> str:
    return "" if value is None else f"{value:.6f}".rstrip("0").rstrip(".")


def number_or_none(name: str, text: str | None) -> float | None:
    """The number in a cell, None for an empty one. Raises ValueError with a sentence for anything else."""
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"{name} {text!r} is not a number: write seconds, counts or shares like 1.25.")
    return value


def _flag(name: str, text: str | None) -> bool:
    if text not in {None, "", "0", "1"}:
        raise ValueError(f"{name} {text!r} is neither 0 nor 1.")
    return text != "0"
