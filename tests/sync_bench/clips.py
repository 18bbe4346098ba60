"""The talking faces of the av archive: where their files are, and who speaks in them."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from edge.errors import UsageError
from edge.samples import EMOTIONS

_LIST = "clips.csv"
_LABELS = {"happy": "happy", "fear": "fearful", "surprise": "surprised"}


@dataclass(frozen=True)
class Clip:
    """One sentence of one person. `label` is its place in EMOTIONS; None where it was just read aloud."""

    path: Path
    dataset: str
    subject: str
    gender: str
    label: int | None

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.path.stem


@contextmanager
def unpacked(archive: Path) -> Iterator[list[Clip]]:
    """The clips of an archive, in a folder that is gone afterwards.

    Raises UsageError when it is no archive of talking faces.
    """
    with TemporaryDirectory() as folder:
        try:
            with zipfile.ZipFile(archive) as pack:
                rows = list(csv.DictReader(io.TextIOWrapper(pack.open(_LIST), encoding="utf-8")))
                for row in rows:
                    pack.extract(f"clips/{row['file']}", folder)
        except (KeyError, OSError, zipfile.BadZipFile) as error:
            raise UsageError(
                f"The archive {str(archive)!r} cannot be used ({error}): name a zip with clips.csv and clips/."
            ) from error
        yield [_clip(Path(folder) / "clips" / row["file"], row) for row in rows]


def _clip(path: Path, row: dict[str, str]) -> Clip:
    word = _LABELS.get(row["label7"], row["label7"])
    label = EMOTIONS.index(word) if word in EMOTIONS else None
    return Clip(path, row["dataset"], row["subject"], row["gender"], label)


def by_subject(clips: list[Clip]) -> dict[str, list[Clip]]:
    """Each person's clips, in the archive's order."""
    people: dict[str, list[Clip]] = {}
    for clip in clips:
        people.setdefault(clip.subject, []).append(clip)
    return people
