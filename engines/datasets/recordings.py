"""Clips of one's own, made by `edge-emotion record` or otherwise, labelled by their header, a table or their folder."""

from __future__ import annotations

import csv
import io
import json
from pathlib import PurePosixPath
from typing import Any

from edge.samples import EMOTIONS
from engines.datasets.item import Item, number_or_none
from engines.datasets.labels import label_index
from engines.datasets.listing import Bad, Listing, kind_of
from engines.datasets.splits import Splits
from engines.datasets.store import BadFile, Store, within

NAME = "recordings"
LICENCE = "own recordings"
TABLE = "labels.csv"
_WORDS = ("emotion", "person", "intensity", "licence")
_SCHEMA = 1


def list_recordings(store: Store, splits: Splits) -> Listing:
    """One item of each clip, or of each line about it in `labels.csv` (file, emotion, person, …, start_s, end_s).

    The table counts before the header that `record` wrote beside the clip, the header before the folder's name.
    """
    listing, names = Listing(), list(store.names())
    lines = _lines(listing, store, [path for path in names if PurePosixPath(within(path)).name == TABLE])
    there = set(names)
    for path in names:
        if kind_of(path) in {"sound", "film"}:
            try:
                header = _header(listing, store, path, there)
                for line in lines.pop(path, [{}]):
                    listing.items.append(_item(path, header, line, splits))
            except ValueError as error:
                listing.bad.append(Bad(path, str(error)))
    listing.bad += [Bad(path, f"{TABLE} names it, but it is not there.") for path in lines]
    return listing


def _item(path: str, header: dict[str, Any], line: dict[str, str], splits: Splits) -> Item:
    said = {name: line.get(name) or str(header.get(name) or "") for name in _WORDS}
    folder = PurePosixPath(within(path)).parent.name
    word = said["emotion"] or (folder if label_index(folder) is not None else "")
    label = label_index(word)
    if label is None:
        wrong = f"Emotion {word!r} is none of {', '.join(EMOTIONS)}" if word else "No emotion is given"
        raise ValueError(f"{wrong}: record with --label, or write it into {TABLE}.")
    if not said["person"]:
        raise ValueError(f"No person is named: record with --person, or write it into {TABLE}.")
    has_picture = "video" not in header or header["video"] is not None
    return Item(
        path=path,
        kind=kind_of(path) if has_picture else "sound",
        data_set=NAME,
        person=said["person"],
        emotion=EMOTIONS[label],
        split=splits.of(NAME, said["person"]),
        licence=said["licence"] or LICENCE,
        intensity=said["intensity"],
        start_s=number_or_none("start_s", line.get("start_s")),
        end_s=number_or_none("end_s", line.get("end_s")),
        audio_lag_s=_lag_s(header),
    )


def _header(listing: Listing, store: Store, path: str, there: set[str]) -> dict[str, Any]:
    """What `record` wrote beside the clip; empty for other clips. Raises ValueError for a header that is wrong."""
    beside = path.rsplit(".", 1)[0] + ".json"
    if beside not in there:
        return {}
    try:
        header = json.loads(store.read(beside))
    except (BadFile, ValueError) as error:
        raise ValueError(f"Its header {within(beside)} cannot be read: {error}.") from None
    if not isinstance(header, dict) or (header.get("kind"), header.get("schema")) != ("recording", _SCHEMA):
        raise ValueError(f"Its header {within(beside)} is none of schema {_SCHEMA} of `edge-emotion record`.")
    listing.used.add(beside)
    return header


def _lag_s(header: dict[str, Any]) -> float | None:
    lag = header.get("lag")
    applied_ms = lag.get("applied_ms") if isinstance(lag, dict) else None
    return applied_ms / 1000 if isinstance(applied_ms, (int, float)) else None


def _lines(listing: Listing, store: Store, tables: list[str]) -> dict[str, list[dict[str, str]]]:
    """The lines of all label tables by the path of the clip that they are about."""
    lines: dict[str, list[dict[str, str]]] = {}
    for table in tables:
        listing.used.add(table)
        beside = table[: -len(TABLE)]
        try:
            rows = csv.DictReader(io.StringIO(store.read(table).decode("utf-8-sig")))
            for row in rows:
                cells = {name: (cell or "").strip() for name, cell in row.items() if isinstance(name, str)}
                lines.setdefault(beside + cells["file"], []).append(cells)
        except (BadFile, KeyError, AttributeError, UnicodeDecodeError, csv.Error) as error:
            listing.bad.append(Bad(table, f"The table cannot be read, or lacks the column file: {error}."))
    return lines
