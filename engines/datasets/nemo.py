"""nEMO: Polish speech by file name, `SPEAKER_emotion_sentence`, beside its own data.tsv."""

from __future__ import annotations

import csv
import io
import re
from pathlib import PurePosixPath

from engines.datasets.labels import label_index
from engines.datasets.listing import Bad, Listing
from engines.datasets.named import Named, list_named
from engines.datasets.splits import Splits
from engines.datasets.store import BadFile, Store, within

NAME = "nemo"
LICENCE = "CC BY-NC-SA 4.0"
_NAME = re.compile(r"([A-Z]{2}\d)_([a-z]+)_(\d+)")
_EMOTIONS = ("anger", "fear", "happiness", "neutral", "sadness", "surprised", "surprise")
_TABLES = ("data.tsv", "data.csv")


def list_nemo(store: Store, splits: Splits) -> Listing:
    """The files of its samples folder, or an archive; lines of data.tsv that do not fit the files are named."""
    listing = list_named(store, splits, NAME, LICENCE, _parse)
    for path in list(store.names()):
        if PurePosixPath(within(path)).name in _TABLES:
            listing.used.add(path)
            listing.bad += _contradictions(store, path, listing)
    return listing


def _parse(stem: str, _kind: str) -> Named | None:
    parts = _NAME.fullmatch(stem)
    if parts is None:
        return None
    speaker, emotion, _ = parts.groups()
    if emotion not in _EMOTIONS:
        raise ValueError(f"The name {stem} has emotion {emotion}; nEMO uses {', '.join(_EMOTIONS)}.")
    return Named(stem, speaker, emotion)


def _contradictions(store: Store, path: str, listing: Listing) -> list[Bad]:
    """Lines of the table that name no file, or say something else than the file's name."""
    found = {PurePosixPath(within(item.path)).stem: item for item in listing.items}
    try:
        text = store.read(path).decode("utf-8")
        rows = csv.DictReader(io.StringIO(text), delimiter="\t" if path.endswith(".tsv") else ",")
        lines = [(rows.line_num, row["file_id"], row["emotion"], row["speaker_id"].strip()) for row in rows]
    except (BadFile, KeyError, AttributeError, UnicodeDecodeError, csv.Error) as error:
        return [Bad(path, f"The table cannot be read: {error}.")]
    bad = []
    for line, file, emotion, speaker in lines:
        item = found.get(PurePosixPath(file).stem)
        if item is None:
            bad.append(Bad(path, f"Line {line} names {file}, which is not there."))
        elif (item.label, item.person) != (label_index(emotion), speaker):
            bad.append(Bad(path, f"Line {line} says {emotion} by {speaker}, the name of {file} says otherwise."))
    return bad
