"""Face crops with exact times beside the utterance's own sound: actor 05 of RAVDESS, held out from all training."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from edge.errors import UsageError
from edge.samples import Floats, Image
from engines.datasets.labels import label_index
from engines.datasets.speech import read_sound

SQUEEZE = 1.36
"""How much too low the archive's crops are: upright boxes, squeezed into squares.

Median of 56 crops, each matched point by point with its frame of the film (sd 0.04).
"""


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
                if label_index(row["label7"]) is not None:
                    yield filmed_of(row, data.read)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise UsageError(f"{archive} holds no filmed speech (crops.csv, crops/, audio/): {error}.") from error


def filmed_of(row: Mapping[str, str], read: Callable[[str], bytes]) -> FilmedUtterance:
    """The utterance of one row of crops.csv; `read` gives the content of a file beside it.

    Raises KeyError for a file or column that is missing, ValueError for one that cannot be used.
    """
    return FilmedUtterance(
        key=row["key"],
        label=label_index(row["label7"]) or 0,
        times_s=np.array(row["frame_time_s"].split(), np.float32),
        pictures=tuple(_picture(read(f"crops/{row['key']}/{n:02d}.jpg")) for n in range(int(row["n_frames"]))),
        samples=read_sound(read(row["audio"])),
        sound_from_s=float(row["audio_delay_s"]),
    )


def _picture(content: bytes) -> Image:
    """One crop with the face's own proportions again."""
    image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise ValueError("a crop is no picture")
    height = round(image.shape[0] * SQUEEZE)
    return np.asarray(cv2.resize(image, (image.shape[1], height), interpolation=cv2.INTER_CUBIC), np.uint8)
