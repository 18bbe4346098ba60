"""FER2013 with FER+ votes: 48×48 gray faces out of the zip of lossless sheets."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.errors import UsageError
from edge.samples import EMOTIONS, Floats
from engines.datasets.labels import INDEX, label_index
from engines.datasets.splits import Part, picture_part

SIDE = 48
_PER_ROW = 25
PER_SHEET = 1000
_VOTES = {
    "fp_neutral": "neutral",
    "fp_happiness": "happy",
    "fp_surprise": "surprised",
    "fp_sadness": "sad",
    "fp_anger": "angry",
    "fp_disgust": "disgust",
    "fp_fear": "fearful",
}
_NO_FACE_VOTES = ("fp_contempt", "fp_unknown", "fp_NF")


@dataclass(frozen=True)
class Picture:
    """One face: its FER2013 label, its soft target and its part."""

    index: int
    part: Part
    label: int
    target: Floats
    """(7,) half FER2013's label, half FER+'s votes among the seven; sums to 1."""
    usable: bool
    """False: FER+ sees no face or none of the seven, or the label is doubtful; never trained on."""
    judged: bool
    """True: counts in an evaluation (certain label, no copy of a picture of another part)."""


def read_fer2013(archive: Path) -> tuple[NDArray[np.uint8], list[Picture]]:
    """Pixels (n, 48, 48) uint8 and one Picture each; raises UsageError on an archive of another form."""
    try:
        with zipfile.ZipFile(archive) as data:
            rows = list(csv.DictReader(io.TextIOWrapper(data.open("labels.csv"), "utf-8")))
            pixels = np.concatenate(list(_sheets(data)))[: len(rows)]
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise UsageError(f"{archive} is not a FER2013 archive (labels.csv and sheets/*.webp): {error}.") from error
    return pixels, list(pictures_of(rows))


def _sheets(data: zipfile.ZipFile) -> Iterator[NDArray[np.uint8]]:
    for name in sorted(name for name in data.namelist() if name.endswith(".webp")):
        yield sheet_tiles(data.read(name))


def sheet_tiles(content: bytes) -> NDArray[np.uint8]:
    """The faces (n, 48, 48) of one sheet, row by row; raises ValueError when it is no sheet."""
    sheet = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_GRAYSCALE)
    if sheet is None or sheet.shape[0] % SIDE or sheet.shape[1] != SIDE * _PER_ROW:
        raise ValueError(f"a sheet is no picture of {SIDE * _PER_ROW} × n·{SIDE} pixels")
    tiles = np.asarray(sheet, np.uint8).reshape(-1, SIDE, _PER_ROW, SIDE).transpose(0, 2, 1, 3)
    return np.asarray(tiles.reshape(-1, SIDE, SIDE), np.uint8)


def pictures_of(rows: list[dict[str, str]]) -> Iterator[Picture]:
    """One Picture for each row of a labels.csv; raises KeyError and ValueError for rows of another form."""
    usages: dict[int, set[str]] = {}
    for row in rows:
        usages.setdefault(int(row["dup_group"]), set()).add(row["usage"])
    for row in rows:
        group = int(row["dup_group"])
        label = label_index(row["fer_label"])
        certain = row["fer_label_ok"] == "1" and label is not None
        copied = group >= 0 and len(usages[group]) > 1
        part = picture_part(row["usage"], int(row["row"]), group)
        votes, refused = votes_of(row)
        usable = certain and refused <= votes.sum() and not (copied and part != "train")
        yield Picture(int(row["i"]), part, label or 0, _target(label or 0, votes), usable, certain and not copied)


def votes_of(row: dict[str, str]) -> tuple[Floats, int]:
    """FER+'s votes for each of EMOTIONS (7,), and how many people saw no face or none of the seven."""
    votes = np.zeros(len(EMOTIONS), np.float32)
    for column, emotion in _VOTES.items():
        votes[INDEX[emotion]] += int(row[column] or 0)
    return votes, sum(int(row[column] or 0) for column in _NO_FACE_VOTES)


def _target(label: int, votes: Floats) -> Floats:
    hard = np.zeros(len(EMOTIONS), np.float32)
    hard[label] = 1.0
    total = float(votes.sum())
    return hard if total == 0 else (0.5 * hard + 0.5 * votes / total).astype(np.float32)
