"""FER2013 in the three forms that people have: Kaggle's table (with FER+ votes), folders of pictures, our sheets."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Hashable, Iterable
from pathlib import PurePosixPath

import cv2
import numpy as np

from edge.errors import UsageError
from edge.samples import EMOTIONS, Image
from engines.datasets.fer2013 import PER_SHEET, pictures_of, votes_of
from engines.datasets.fer2013_table import read_table
from engines.datasets.item import Item
from engines.datasets.labels import label_index
from engines.datasets.listing import Bad, Listing, kind_of
from engines.datasets.splits import Splits, picture_part
from engines.datasets.store import BadFile, Store, within

NAME = "fer2013"
LICENCE = "FER2013: research use, no licence text; FER+ votes: MIT"
_TABLE, _VOTES, _SHEETS = "fer2013.csv", "fer2013new.csv", "labels.csv"
_FOLDER = re.compile(r"(?i)(?:.*[/!])?(train|training|val|validation|test|publictest|privatetest)/([^/]+)/[^/]+")
_VOTE_COLUMNS = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "NF")


def list_fer2013(store: Store, splits: Splits) -> Listing:
    """Pictures with their labels and votes. PublicTest and PrivateTest are the test, 8 % of Training validates.

    Copies of a picture count as one person. Where some of them stand in a test, all are put where the copies of
    Training belong, and those of the test are used for nothing.
    """
    if splits.named is not None:
        raise UsageError("FER2013 names no people, so that --splits cannot apply to it: leave the option out.")
    listing, names = Listing(), list(store.names())
    for path in names:
        if _file(path) == _SHEETS:
            _add_sheets(listing, store, path, names)
        elif _file(path) == _TABLE:
            _add_table(listing, store, path, [name for name in names if _file(name) == _VOTES])
    if not listing.items:
        _add_folders(listing, store, names)
    return listing


def _add_sheets(listing: Listing, store: Store, path: str, names: list[str]) -> None:
    sheets = sorted(name for name in names if name.endswith(".webp") and name.startswith(path[: -len(_SHEETS)]))
    if not sheets:
        return
    try:
        rows = list(csv.DictReader(io.StringIO(store.read(path).decode("utf-8"))))
        paths = [f"{sheets[int(row['i']) // PER_SHEET]}#{int(row['i']) % PER_SHEET}" for row in rows]
        listing.items += _items(rows, paths)
        listing.used.add(path)
    except (BadFile, KeyError, ValueError, IndexError, csv.Error) as error:
        listing.bad.append(Bad(path, f"It does not fit its sheets: {error}."))


def _add_table(listing: Listing, store: Store, path: str, votes: list[str]) -> None:
    listing.used.add(path)
    try:
        table = read_table(store.read(path))
    except (BadFile, ValueError, csv.Error) as error:
        listing.bad.append(Bad(path, f"The table cannot be read: {error}."))
        return
    listing.bad += [Bad(f"{path}#{row}", reason) for row, reason in table.bad.items()]
    said = _read_votes(listing, store, votes[0], table.lines) if votes else {}
    groups = _groups(pixels.tobytes() for pixels in table.pixels)
    rows = [
        _row(int(row), usage, label, int(table.rows[group]) if group >= 0 else -1) | said.get(int(row), {})
        for row, usage, label, group in zip(table.rows, table.usages, table.labels, groups, strict=True)
    ]
    listing.items += _items(rows, [f"{path}#{row}" for row in table.rows])


def _read_votes(listing: Listing, store: Store, path: str, lines: int) -> dict[int, dict[str, str]]:
    """FER+'s votes by row; nothing at all when the table does not fit fer2013.csv line by line."""
    listing.used.add(path)
    try:
        rows = list(csv.DictReader(io.StringIO(store.read(path).decode("utf-8-sig"))))
        votes = {n: {f"fp_{name}": str(int(row[name])) for name in _VOTE_COLUMNS} for n, row in enumerate(rows)}
    except (BadFile, KeyError, ValueError, TypeError, csv.Error) as error:
        listing.bad.append(Bad(path, f"The votes are not used: {error}."))
        return {}
    if len(votes) != lines:
        listing.bad.append(Bad(path, f"The votes are not used: it has {len(votes)} lines, {_TABLE} has {lines}."))
        return {}
    return votes


def _add_folders(listing: Listing, store: Store, names: list[str]) -> None:
    found: list[tuple[str, str, str, int]] = []
    for path in names:
        place = _FOLDER.fullmatch(path)
        if kind_of(path) != "picture" or place is None:
            continue
        label = label_index(place[2])
        if label is None:
            listing.dropped[f"{place[2]} is none of the seven emotions"] += 1
            continue
        try:
            image = cv2.imdecode(np.frombuffer(store.read(path), np.uint8), cv2.IMREAD_GRAYSCALE)
        except (BadFile, cv2.error):
            image = None
        if image is None:
            listing.bad.append(Bad(path, "It is no picture that can be decoded."))
            continue
        usage = "Training" if place[1].lower().startswith("train") else "PublicTest"
        usage = "Validation" if place[1].lower().startswith("val") else usage
        found.append((path, usage, EMOTIONS[label], _number(np.asarray(image, np.uint8))))
    groups = _groups(number for _, _, _, number in found)
    rows = [
        _row(number, usage, label, number if group >= 0 else -1)
        for (_, usage, label, number), group in zip(found, groups, strict=True)
    ]
    listing.items += _items(rows, [path for path, _, _, _ in found])


def _row(row: int, usage: str, label: str, group: int) -> dict[str, str]:
    """The columns of our archive's labels.csv, for a picture without votes."""
    said = {"i": "0", "row": str(row), "usage": usage, "fer_label": label, "fer_label_ok": "1", "dup_group": str(group)}
    return said | {f"fp_{name}": "" for name in _VOTE_COLUMNS}


def _number(image: Image) -> int:
    """A picture's number where no official one is known: the same for its copies, whatever they are called."""
    return int.from_bytes(hashlib.sha256(image.tobytes()).digest()[:6], "big")


def _groups(contents: Iterable[Hashable]) -> list[int]:
    """For each picture the place of the first of its copies, or -1 where there is only one."""
    first: dict[Hashable, int] = {}
    places = [first.setdefault(content, place) for place, content in enumerate(contents)]
    several = {place for number, place in enumerate(places) if place != number}
    return [place if place in several else -1 for place in places]


def _items(rows: list[dict[str, str]], paths: list[str]) -> list[Item]:
    _doubt(rows)
    trained = {row["dup_group"] for row in rows if row["usage"] == "Training"} - {"-1"}
    items = []
    for row, picture, path in zip(rows, pictures_of(rows), paths, strict=True):
        votes, _ = votes_of(row)
        group = int(row["dup_group"])
        usage = "Training" if row["dup_group"] in trained else row["usage"]
        items.append(
            Item(
                path=path,
                kind="picture",
                data_set=NAME,
                person=f"copies-{group}" if group >= 0 else f"picture-{row['row']}",
                emotion=EMOTIONS[picture.label],
                split="validation" if usage == "Validation" else picture_part(usage, int(row["row"]), group),
                licence=LICENCE,
                usable=picture.usable,
                judged=picture.judged,
                votes=tuple(float(vote) for vote in votes) if votes.sum() else None,
            )
        )
    return items


def _doubt(rows: list[dict[str, str]]) -> None:
    """The same picture under two labels is trusted under neither."""
    labels: dict[str, set[str]] = {}
    for row in rows:
        labels.setdefault(row["dup_group"], set()).add(row["fer_label"])
    for row in rows:
        if row["dup_group"] != "-1" and len(labels[row["dup_group"]]) > 1:
            row["fer_label_ok"] = "0"


def _file(path: str) -> str:
    return PurePosixPath(within(path)).name
