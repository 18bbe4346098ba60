"""Data sets whose files say by their names who shows which emotion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from edge.samples import EMOTIONS
from engines.datasets.item import Item
from engines.datasets.labels import label_index
from engines.datasets.listing import Bad, Listing, kind_of, rank
from engines.datasets.splits import Splits
from engines.datasets.store import Store, within


@dataclass(frozen=True)
class Named:
    """What a file's name says."""

    take: str
    """The same for all forms (film, sound, converted copy) of one take."""
    person: str
    word: str
    """The emotion in the data set's own word."""
    intensity: str = ""
    left_out: str = ""
    """Why this file is not wanted; empty: it is."""
    audio_delay_s: float | None = None


Parser = Callable[[str, str], Named | None]
"""(stem, kind) to what the name says, or None for another form of name; raises ValueError for an unknown code."""


def list_named(store: Store, splits: Splits, data_set: str, licence: str, parse: Parser) -> Listing:
    """One item of each take and kind; copies of a take, other emotions and other names are counted."""
    listing, taken = Listing(), dict[tuple[str, str], Item]()
    for path in store.names():
        kind = kind_of(path)
        if kind in {"", "picture"}:
            continue
        try:
            said = parse(PurePosixPath(within(path)).stem, kind)
        except ValueError as error:
            listing.bad.append(Bad(path, str(error)))
            continue
        reason = _left_out(said)
        if said is None or reason:
            listing.dropped[reason] += 1
            continue
        item = _item(path, kind, said, splits.of(data_set, said.person), data_set, licence)
        known = taken.get((kind, said.take))
        if known is not None:
            listing.dropped["another copy of a take"] += 1
        if known is None or rank(path) < rank(known.path):
            taken[kind, said.take] = item
    listing.items = list(taken.values())
    return listing


def _left_out(said: Named | None) -> str:
    if said is None:
        return "file name of another form"
    if said.left_out:
        return said.left_out
    return "" if label_index(said.word) is not None else f"{said.word} is none of the seven emotions"


def _item(path: str, kind: str, said: Named, split: str, data_set: str, licence: str) -> Item:
    return Item(
        path=path,
        kind=kind,
        data_set=data_set,
        person=said.person,
        emotion=EMOTIONS[label_index(said.word) or 0],
        split=split,
        licence=licence,
        intensity=said.intensity,
        audio_delay_s=said.audio_delay_s,
    )
