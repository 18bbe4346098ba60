"""Speech sets: a tar of sound files beside a manifest.csv."""

from __future__ import annotations

import csv
import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge.errors import UsageError
from edge.samples import RATE_HZ, Floats
from engines.datasets.labels import label_index
from engines.datasets.splits import Part, speaker_part

SETS = ("ravdess", "emodb", "nemo")


@dataclass(frozen=True)
class Utterance:
    """One recording of one speaker, without its samples."""

    data_set: str
    file: str
    speaker: str
    label: int
    part: Part

    @property
    def key(self) -> str:
        """A name that is unique over all sets."""
        return f"{self.data_set}/{self.file}"


def read_speech(archive: Path) -> Iterator[tuple[Utterance, Floats]]:
    """Utterances with one of the seven labels, and their samples: float32 mono at RATE_HZ.

    Raises UsageError when the archive cannot be read or names no known set.
    """
    try:
        with tarfile.open(archive) as data:
            manifest = next(name for name in data.getnames() if name.endswith("/manifest.csv"))
            data_set = manifest.split("/")[0]
            if data_set not in SETS:
                raise UsageError(f"{archive} holds the set {data_set!r}; known sets are {', '.join(SETS)}.")
            for row in csv.DictReader(io.StringIO(_member(data, manifest).decode("utf-8"))):
                label = label_index(row["label7"])
                if label is not None:
                    part = speaker_part(data_set, row["speaker"])
                    utterance = Utterance(data_set, row["file"], row["speaker"], label, part)
                    yield utterance, read_sound(_member(data, utterance.key))
    except (OSError, StopIteration, KeyError, ValueError, tarfile.TarError) as error:
        raise UsageError(f"{archive} is not a speech archive (a tar with SET/manifest.csv): {error}.") from error


def read_sound(content: bytes) -> Floats:
    """Decode one sound file to float32 mono at RATE_HZ. Raises ValueError when it is none."""
    import soundfile

    try:
        samples, rate_hz = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        # Its own text names an object in memory.
        raise ValueError(error.error_string) from None
    mono = samples.mean(axis=1)
    if rate_hz != RATE_HZ:
        mono = _resample(mono, rate_hz)
    return np.ascontiguousarray(mono, np.float32)


def _resample(mono: Floats, rate_hz: int) -> Floats:
    from math import gcd

    from scipy.signal import resample_poly

    common = gcd(rate_hz, RATE_HZ)
    return np.asarray(resample_poly(mono, RATE_HZ // common, rate_hz // common), np.float32)


def _member(data: tarfile.TarFile, name: str) -> bytes:
    stream = data.extractfile(name)
    if stream is None:
        raise KeyError(name)
    return stream.read()
