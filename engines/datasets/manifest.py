"""Manifests: a CSV of items beside a small JSON that says what they are and what they were made from."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from edge.errors import UsageError
from edge.samples import EMOTIONS
from engines.datasets.item import COLUMNS, Item

SUFFIX = ".manifest.csv"
_FORMAT = 1


@dataclass(frozen=True)
class Header:
    """What stands in the JSON beside the rows."""

    data_set: str
    licence: str
    source: str
    """Who published the data set, and under which name."""
    files: int = 0
    """How many files the manifest was made from."""
    sha256: str = ""
    """Of the list of their sha256 sums, as `sha256sum FILE… | sha256sum` in the order of names would give it."""
    dropped: dict[str, int] = field(default_factory=dict)
    """What was left out on purpose, and how often."""


@dataclass(frozen=True)
class Manifest:
    """Items of one data set; their paths are relative to `folder`."""

    folder: Path
    header: Header
    items: tuple[Item, ...]

    @property
    def people(self) -> dict[str, set[str]]:
        """The people of each split."""
        people: dict[str, set[str]] = {}
        for item in self.items:
            people.setdefault(item.split, set()).add(item.person)
        return people

    def counts(self) -> dict[str, dict[str, int]]:
        """How many items each split has of each emotion."""
        counts: dict[str, Counter[str]] = {}
        for item in self.items:
            counts.setdefault(item.split, Counter())[item.emotion] += 1
        return {
            split: {emotion: counts[split][emotion] for emotion in EMOTIONS if counts[split][emotion]}
            for split in sorted(counts, key=_by_use)
        }

    def with_fold(self, test: int, validation: int | None = None) -> Manifest:
        """Folds turned into parts: fold `test` is the test, `validation` (default: the next) validates, others train.

        Items that are in no fold keep their split. Raises UsageError for a fold that the manifest lacks.
        """
        folds = sorted({int(item.split[4:]) for item in self.items if item.split.startswith("fold")})
        if test not in folds or validation not in {None, *folds}:
            raise UsageError(
                f"Fold {test if test not in folds else validation} is not in the manifest: it has {folds}."
            )
        after = folds[(folds.index(test) + 1) % len(folds)] if validation is None else validation
        parts = {f"fold{fold}": "train" for fold in folds} | {f"fold{after}": "validation", f"fold{test}": "test"}
        items = tuple(replace(item, split=parts.get(item.split, item.split)) for item in self.items)
        return replace(self, items=items)


def check_people(items: Iterable[Item]) -> None:
    """Raises UsageError, naming the person, when somebody of one data set is in two splits."""
    seen: dict[tuple[str, str], str] = {}
    for item in items:
        split = seen.setdefault((item.data_set, item.person), item.split)
        if split != item.split:
            raise UsageError(
                f"Person {item.person!r} of {item.data_set} is in {split} and in {item.split} ({item.path}): "
                "give each person one split."
            )


def header_path(path: Path) -> Path:
    """The JSON that belongs to a manifest."""
    return path.with_name(path.name[: -len(".csv")] + ".json")


def write_manifest(path: Path, manifest: Manifest) -> None:
    """Write the rows to `path` and the header beside it. Raises UsageError when a person is in two splits."""
    check_people(manifest.items)
    people = {split: len(people) for split, people in manifest.people.items()}
    header = {"format": _FORMAT, **asdict(manifest.header), "people": people, "items": manifest.counts()}
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            rows = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            rows.writeheader()
            rows.writerows(item.to_row() for item in manifest.items)
        header_path(path).write_text(json.dumps(header, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"The manifest {path} cannot be written: {error.strerror}; name a folder with --out."
        ) from None


def read_manifest(path: Path) -> Manifest:
    """The opposite of `write_manifest`. Raises UsageError that names the line and what is wrong with it."""
    header = _read_header(header_path(path))
    try:
        with path.open(newline="", encoding="utf-8") as file:
            items = tuple(_rows(path, csv.DictReader(file, strict=True), header.data_set))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"The manifest {path} cannot be read: {error}.") from None
    check_people(items)
    return Manifest(path.parent, header, items)


def _rows(path: Path, rows: csv.DictReader[str], data_set: str) -> Iterable[Item]:
    missing = [name for name in COLUMNS[:8] if name not in (rows.fieldnames or [])]
    if missing:
        raise UsageError(
            f"The manifest {path} lacks the columns {', '.join(missing)}: run `edge-engines prepare` again."
        )
    for row in rows:
        try:
            item = Item.from_row(row)
        except ValueError as error:
            raise UsageError(f"{path}, line {rows.line_num}: {error}") from None
        if item.data_set != data_set:
            raise UsageError(
                f"{path}, line {rows.line_num}: data_set {item.data_set!r} is not the header's {data_set!r}."
            )
        yield item


def _read_header(path: Path) -> Header:
    try:
        read: Any = json.loads(path.read_text("utf-8"))
        if read["format"] != _FORMAT:
            raise UsageError(f"{path} has format {read['format']!r}, not {_FORMAT}: run `edge-engines prepare` again.")
        return Header(**{name: read[name] for name in Header.__dataclass_fields__})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"The manifest's header {path} cannot be read ({error}): run `edge-engines prepare` again."
        ) from None


def _by_use(split: str) -> tuple[int, str]:
    order = ("train", "validation", "test")
    return (order.index(split) if split in order else len(order), split)
