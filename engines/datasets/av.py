"""Face crops with exact times beside the utterance's own sound: actor 05 of RAVDESS, held out from all training."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from edge.errors import UsageError
from edge.samples import Floats, Image
from engines.datasets.labels import label_index
from engines.datasets.speech import read_sound


@dataclass(frozen=True)
class FilmedUtterance:
    """One utterance: pictures (BGR, the face with a margin) and sound on one time base that starts with the film."""

    key: str
    label: int
    times_s: Floats
    pictures: tuple[Image, ...]
    samples: Floats
    sound_from_s: float
    """When the first sample sounds."""


def read_filmed(archive: Path) -> Iterator[FilmedUtterance]:
    """All utterances of the archive's `crops`; raises UsageError on an archive of another form."""
    try:
        with zipfile.ZipFile(archive) as data:
            for row in csv.DictReader(io.TextIOWrapper(data.open("crops.csv"), "utf-8")):
                label = label_index(row["label7"])
                if label is not None:
                    yield FilmedUtterance(
                        key=row["key"],
                        label=label,
                        times_s=np.array(row["frame_time_s"].split(), np.float32),
                        pictures=tuple(_picture(data, row["key"], n) for n in range(int(row["n_frames"]))),
                        samples=read_sound(data.read(row["audio"])),
                        sound_from_s=float(row["audio_delay_s"]),
                    )
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise UsageError(f"{archive} holds no filmed speech (crops.csv, crops/, audio/): {error}.") from error


def _picture(data: zipfile.ZipFile, key: str, number: int) -> Image:
    content = np.frombuffer(data.read(f"crops/{key}/{number:02d}.jpg"), np.uint8)
    return np.asarray(cv2.imdecode(content, cv2.IMREAD_COLOR), np.uint8)
