"""RAVDESS: speech and films by file name, `modality-channel-emotion-intensity-statement-repetition-actor`."""

from __future__ import annotations

import csv
import io
import re

from edge.samples import EMOTIONS
from engines.datasets.item import Item
from engines.datasets.labels import label_index
from engines.datasets.listing import Listing
from engines.datasets.named import Named, list_named
from engines.datasets.splits import Splits
from engines.datasets.store import BadFile, Store, within

NAME = "ravdess"
LICENCE = "CC BY-NC-SA 4.0"
SOUND_DELAY_S = 0.03331
"""The sound files run that much early against the films: measured on 21 takes, always the same."""
_NAME = re.compile(r"(?:.*_)?(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)")
_EMOTIONS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised")
_INTENSITIES = {"01": "normal", "02": "strong"}
_CROPS = "crops.csv"


def list_ravdess(store: Store, splits: Splits) -> Listing:
    """Speech and films from Actor_XX folders or archives; song and films without sound are left out.

    Films of a `crops.csv` (faces cut out, with their times) stand in for films that are not there.
    """
    listing = list_named(store, splits, NAME, LICENCE, _parse)
    filmed = {_take(item.path) for item in listing.items if item.kind == "film"}
    for path in store.names():
        if within(path) == _CROPS:
            _add_crops(listing, store, path, splits, filmed)
    return listing


def _parse(stem: str, kind: str) -> Named | None:
    codes = _NAME.fullmatch(stem)
    if codes is None:
        return None
    modality, channel, emotion, intensity, _, _, actor = codes.groups()
    if modality not in {"01", "02", "03"} or channel not in {"01", "02"} or intensity not in _INTENSITIES:
        raise ValueError(f"The name {stem} has a code that RAVDESS does not use: check modality, channel, intensity.")
    if not 1 <= int(emotion) <= len(_EMOTIONS):
        raise ValueError(f"The name {stem} has emotion {emotion}; RAVDESS uses 01 … 08.")
    left_out = "song, not speech" if channel == "02" else "film without sound" if modality == "02" else ""
    delay_s = SOUND_DELAY_S if kind == "sound" else None
    word = _EMOTIONS[int(emotion) - 1]
    return Named(_take(stem), actor, word, _INTENSITIES[intensity], left_out, delay_s)


def _take(path: str) -> str:
    """The codes from the channel on: the same for a film and its sound."""
    return path.rsplit(".", 1)[0][-17:]


def _add_crops(listing: Listing, store: Store, path: str, splits: Splits, filmed: set[str]) -> None:
    try:
        rows = list(csv.DictReader(io.StringIO(store.read(path).decode("utf-8"))))
        for row in rows:
            label = label_index(row["label7"])
            if row["key"] in filmed:
                listing.dropped["another copy of a take"] += 1
            elif label is not None:
                listing.items.append(_crops_item(path, row, EMOTIONS[label], splits))
    except (BadFile, KeyError, UnicodeDecodeError, csv.Error):
        listing.dropped["a crops.csv of another form"] += 1
    else:
        listing.used.add(path)


def _crops_item(path: str, row: dict[str, str], emotion: str, splits: Splits) -> Item:
    person = row["key"][-2:]
    return Item(
        path=f"{path}#{row['key']}",
        kind="film",
        data_set=NAME,
        person=person,
        emotion=emotion,
        split=splits.of(NAME, person),
        licence=LICENCE,
        intensity=row["intensity"],
        audio_delay_s=float(row["audio_delay_s"]),
    )
