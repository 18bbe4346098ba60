"""IEMOCAP: utterances by its own label files, `SessionN/dialog/EmoEvaluation/*.txt`; its sessions are folds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from edge.samples import EMOTIONS
from engines.datasets.item import Item
from engines.datasets.labels import label_index
from engines.datasets.listing import Bad, Listing
from engines.datasets.splits import Splits
from engines.datasets.store import BadFile, Store

NAME = "iemocap"
LICENCE = "by signed agreement with the publisher"
_LABELS = re.compile(r"(?:.*[/!])?dialog/EmoEvaluation/Ses\d\d[FM]_\w+\.txt")
_LINE = re.compile(r"\[(\d+\.?\d*) - (\d+\.?\d*)\]\t(\w+)\t(\w+)\t\[[^\]]*\]\s*")
_UTTERANCE = re.compile(r"(Ses(\d\d)[FM]_\w+)_([FM])X?X?\d+")
_WORDS = {
    "neu": "neutral",
    "hap": "happy",
    "exc": "happy",
    "sad": "sad",
    "ang": "angry",
    "fea": "fear",
    "dis": "disgust",
    "sur": "surprise",
}
_OTHERS = {"fru": "frustration", "xxx": "no agreement", "oth": "other"}


@dataclass(frozen=True)
class _Line:
    start_s: float
    end_s: float
    name: str
    dialog: str
    session: int
    person: str
    code: str


def list_iemocap(store: Store, splits: Splits) -> Listing:
    """A sound of each utterance, and a stretch of its dialogue's film where the films are there.

    The films show both people side by side and the labels do not say on which side: they are neither trained on
    nor judged. Excitement counts as happy, as is usual; frustration, other and no agreement are counted.
    """
    listing, names = Listing(), list(store.names())
    sounds = {PurePosixPath(path).stem: path for path in names if "sentences/wav/" in path}
    films = {PurePosixPath(path).stem: path for path in names if "dialog/avi/" in path}
    for path in names:
        if _LABELS.fullmatch(path):
            listing.used.add(path)
            _add(listing, store, path, splits, sounds, films)
    return listing


def _add(
    listing: Listing, store: Store, path: str, splits: Splits, sounds: dict[str, str], films: dict[str, str]
) -> None:
    try:
        lines = store.read(path).decode("utf-8").splitlines()
    except (BadFile, UnicodeDecodeError) as error:
        listing.bad.append(Bad(path, f"The labels cannot be read: {error}."))
        return
    for number, text in enumerate(lines, 1):
        if not text.startswith("["):
            continue  # the judgements of single people, and the explanation in the first line
        try:
            line = _read(text)
        except ValueError as error:
            listing.bad.append(Bad(path, f"Line {number}: {error}"))
            continue
        if line is None:
            continue
        if line.code in _OTHERS:
            listing.dropped[f"{_OTHERS[line.code]} is none of the seven emotions"] += 1
        elif line.name not in sounds and line.dialog not in films:
            listing.bad.append(Bad(path, f"Line {number}: neither the sound nor the film of {line.name} is there."))
        else:
            listing.items += _items(line, splits, sounds.get(line.name), films.get(line.dialog))


def _read(text: str) -> _Line | None:
    """None for the explanation of the form; raises ValueError with a sentence for anything else that is no label."""
    if text.startswith(("%", "[START_TIME")):
        return None
    fields = _LINE.fullmatch(text)
    name = fields and _UTTERANCE.fullmatch(fields[3])
    if not fields or not name:
        raise ValueError("it is no label of the form [start - end] TAB utterance TAB emotion TAB [v, a, d].")
    if fields[4] not in _WORDS and fields[4] not in _OTHERS:
        raise ValueError(f"emotion {fields[4]!r} is unknown; IEMOCAP uses {', '.join([*_WORDS, *_OTHERS])}.")
    start_s, end_s = float(fields[1]), float(fields[2])
    if start_s >= end_s:
        raise ValueError(f"the utterance ends at {end_s} s, before it begins.")
    return _Line(start_s, end_s, fields[3], name[1], int(name[2]), f"Ses{name[2]}{name[3]}", fields[4])


def _items(line: _Line, splits: Splits, sound: str | None, film: str | None) -> list[Item]:
    said: dict[str, Any] = {
        "data_set": NAME,
        "person": line.person,
        "emotion": EMOTIONS[label_index(_WORDS[line.code]) or 0],
        "split": splits.of(NAME, line.person, f"fold{line.session}"),
        "licence": LICENCE,
    }
    items = [Item(path=sound, kind="sound", **said)] if sound else []
    if film:
        said |= {"start_s": line.start_s, "end_s": line.end_s}
        items.append(Item(path=film, kind="film", usable=False, judged=False, **said))
    return items
