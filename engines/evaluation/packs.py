"""Reads archives in the form of the data pack for judging: every row, whoever is in it; bad rows are named."""

from __future__ import annotations

import csv
import io
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from edge.errors import UsageError
from engines.datasets.fault import one_line
from engines.datasets.labels import label_index

Row = dict[str, str]
_SPEECH = "a speech archive (a tar with SET/manifest.csv: file, speaker, label7)"
POSITION = "#"
"""Column of each row: its place among all rows of the table, labelled or not."""


@dataclass(frozen=True)
class Pack:
    """One opened archive."""

    data_set: str
    rows: list[Row]
    """Those with one of the seven labels."""
    names: tuple[str, ...]
    read: Callable[[str], bytes]
    """The content of a file, by the name that the rows call it; raises KeyError for one that is not there."""


@dataclass
class Skipped:
    """What could not be judged: the file and a sentence that says why."""

    rows: list[tuple[str, str]] = field(default_factory=list)

    def add(self, file: str, reason: object) -> None:
        """One row is left out."""
        self.rows.append((file, one_line(reason) if isinstance(reason, BaseException) else str(reason)))

    def note(self) -> dict[str, list[dict[str, str]]]:
        """`skipped`, for the block of figures; nothing when nothing was."""
        return {"skipped": [{"file": file, "reason": reason} for file, reason in self.rows]} if self.rows else {}


@contextmanager
def speech_pack(path: Path) -> Iterator[Pack]:
    """A tar with `SET/manifest.csv`, which names the set. Raises UsageError when it is no such tar."""
    with refused(path, _SPEECH):
        data = tarfile.open(path)  # noqa: SIM115 - closed by the next line
    with data:
        with refused(path, _SPEECH):
            pack = _speech(path, data)
        yield pack


def _speech(path: Path, data: tarfile.TarFile) -> Pack:
    members = {PurePosixPath(member.name): member for member in data if member.isfile()}
    manifest = next((name for name in members if name.name == "manifest.csv"), PurePosixPath("manifest.csv"))

    def read(name: str) -> bytes:
        member = members.get(manifest.parent / name)
        stream = None if member is None else data.extractfile(member)
        if stream is None:
            raise KeyError(f"There is no file named {name!r} in the archive")
        return stream.read()

    rows = _labelled(read(manifest.name), "label7", "file", "speaker")
    return Pack(manifest.parent.name or path.stem.split("_")[0], rows, tuple(map(str, members)), read)


@contextmanager
def zip_pack(path: Path, table: str, label: str, what: str, *columns: str) -> Iterator[Pack]:
    """A zip with a CSV `table` whose labels are in the column `label`.

    Raises UsageError, saying `what` was expected, when it is no such zip.
    """
    with refused(path, what):
        data = zipfile.ZipFile(path)
    with data:
        with refused(path, what):
            rows = _labelled(data.read(table), label, *columns)
        yield Pack(path.stem.split("_")[0], rows, tuple(sorted(data.namelist())), data.read)


@contextmanager
def refused(path: Path, what: str) -> Iterator[None]:
    """Whatever is wrong with the archive in this block becomes a UsageError that says `what` was expected."""
    try:
        yield
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist: name {what}.") from None
    except PermissionError as error:
        raise UsageError(f"{path} may not be read ({one_line(error)}): name {what} that may be.") from None
    except (OSError, KeyError, ValueError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise UsageError(f"{path} is not {what}: {one_line(error)}.") from error


def _labelled(content: bytes, label: str, *columns: str) -> list[Row]:
    """Rows with one of the seven labels. Raises ValueError when a column is missing."""
    table = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    rows = [{**row, POSITION: str(place)} for place, row in enumerate(table)]
    missing = [name for name in (label, *columns) if rows and name not in rows[0]]
    if missing:
        raise ValueError(f"its table lacks {', '.join(missing)}")
    return [row for row in rows if label_index(row[label] or "") is not None]
