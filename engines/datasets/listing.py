"""What a data set's reader finds: items, what it leaves out on purpose, and what is wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from engines.datasets.item import Item

# The first of a row is taken when a take is there in several forms: the less lossy.
SOUNDS = (".wav", ".flac", ".ogg", ".opus", ".m4a", ".mp3")
FILMS = (".mp4", ".mkv", ".mov", ".avi", ".webm", ".flv")
PICTURES = (".png", ".jpg", ".jpeg", ".bmp")


@dataclass(frozen=True)
class Bad:
    """A file that cannot be used, and the sentence that says why."""

    file: str
    reason: str


@dataclass
class Listing:
    """The result of a reader, before any file is decoded."""

    items: list[Item] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    bad: list[Bad] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    """Tables and label files that were read besides the items' own files."""


def kind_of(path: str) -> str:
    """picture, sound, film, or nothing, by the file's suffix."""
    suffix = PurePosixPath(path).suffix.lower()
    kinds = (("sound", SOUNDS), ("film", FILMS), ("picture", PICTURES))
    return next((kind for kind, suffixes in kinds if suffix in suffixes), "")


def rank(path: str) -> int:
    """Place of a file's suffix among those of its kind; lower is better."""
    suffix = PurePosixPath(path).suffix.lower()
    return next(suffixes.index(suffix) for suffixes in (SOUNDS, FILMS, PICTURES) if suffix in suffixes)
