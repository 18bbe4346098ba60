"""Who is trained on, who validates, who is held out: no person, and no picture, is in two parts."""

from __future__ import annotations

import csv
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from edge.errors import UsageError
from engines.datasets.item import SPLITS

Part = Literal["train", "validation", "test"]

VALIDATION_SPEAKERS = {"ravdess": ("17", "18"), "emodb": ("13",), "nemo": ("IC0",)}
TEST_SPEAKERS = {"ravdess": ("05", "19", "20"), "emodb": ("14",), "nemo": ("MP0",)}
_FILMED = {"cremad": ("1001", "1002")}
"""People of the clips that figures are given for: held out whatever their hash says."""
_VALIDATION_PERCENT = 8
_TEST_PEOPLE_PERCENT = 15
_VALIDATION_PEOPLE_PERCENT = 15


def speaker_part(data_set: str, speaker: str) -> Part:
    """The part of one speaker of a speech set; actor 05 of RAVDESS (the one with video) is held out."""
    if speaker in TEST_SPEAKERS[data_set]:
        return "test"
    return "validation" if speaker in VALIDATION_SPEAKERS[data_set] else "train"


def person_part(data_set: str, person: str) -> Part:
    """The part of one person of any data set: by name for the speech sets, else by a hash that no order can change."""
    if data_set in TEST_SPEAKERS:
        return speaker_part(data_set, person)
    place = zlib.crc32(f"{data_set}/{person}".encode()) % 100
    if place < _TEST_PEOPLE_PERCENT or person in _FILMED.get(data_set, ()):
        return "test"
    return "validation" if place < _TEST_PEOPLE_PERCENT + _VALIDATION_PEOPLE_PERCENT else "train"


def picture_part(usage: str, row: int, duplicate_group: int) -> Part:
    """FER2013 names no people: PublicTest is the test, 8 % of Training validates; copies of a picture stay together."""
    if usage != "Training":
        return "test"
    key = f"group{duplicate_group}" if duplicate_group >= 0 else f"row{row}"
    return "validation" if zlib.crc32(key.encode()) % 100 < _VALIDATION_PERCENT else "train"


@dataclass(frozen=True)
class Splits:
    """Who is in which split: as a file of the user's says, or else by the rules above."""

    file: str = ""
    named: dict[str, str] | None = None

    def of(self, data_set: str, person: str, otherwise: str | None = None) -> str:
        """The split of a person; `otherwise` replaces `person_part` for sets that come in folds.

        Raises UsageError for a person whom the user's file does not name.
        """
        if self.named is None:
            return otherwise or person_part(data_set, person)
        if person not in self.named:
            raise UsageError(f"Person {person!r} of {data_set} is not in {self.file}: add a line `{person},train`.")
        return self.named[person]


def read_splits(path: Path) -> Splits:
    """A CSV with the columns person and split. Raises UsageError naming the line that is wrong."""
    named: dict[str, str] = {}
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.DictReader(file)
            if not {"person", "split"} <= set(rows.fieldnames or []):
                raise UsageError(f"{path} has no columns person and split: write them into its first line.")
            for row in rows:
                person, split = (row["person"] or "").strip(), (row["split"] or "").strip()
                if split not in SPLITS or not person:
                    raise UsageError(f"{path}, line {rows.line_num}: write a person and one of {', '.join(SPLITS)}.")
                if named.setdefault(person, split) != split:
                    raise UsageError(f"{path}, line {rows.line_num}: person {person!r} is in {named[person]} already.")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"The splits {path} cannot be read: {error}.") from None
    return Splits(str(path), named)
