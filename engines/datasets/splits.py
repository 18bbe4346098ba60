"""Who is trained on, who validates, who is held out: no person, and no picture, is in two parts."""

from __future__ import annotations

import zlib
from typing import Literal

Part = Literal["train", "validation", "test"]

VALIDATION_SPEAKERS = {"ravdess": ("17", "18"), "emodb": ("13",), "nemo": ("IC0",)}
TEST_SPEAKERS = {"ravdess": ("05", "19", "20"), "emodb": ("14",), "nemo": ("MP0",)}
_VALIDATION_PERCENT = 8


def speaker_part(data_set: str, speaker: str) -> Part:
    """The part of one speaker of a speech set; actor 05 of RAVDESS (the one with video) is held out."""
    if speaker in TEST_SPEAKERS[data_set]:
        return "test"
    return "validation" if speaker in VALIDATION_SPEAKERS[data_set] else "train"


def picture_part(usage: str, row: int, duplicate_group: int) -> Part:
    """FER2013 names no people: PublicTest is the test, 8 % of Training validates; copies of a picture stay together."""
    if usage != "Training":
        return "test"
    key = f"group{duplicate_group}" if duplicate_group >= 0 else f"row{row}"
    return "validation" if zlib.crc32(key.encode()) % 100 < _VALIDATION_PERCENT else "train"
