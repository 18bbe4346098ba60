"""From a downloaded data set to a manifest: every file is decoded once, and every bad one is named."""

from __future__ import annotations

import csv
import hashlib
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from edge.errors import UsageError
from edge.samples import EMOTIONS
from engines.datasets.catalog import CATALOG
from engines.datasets.check import Checker
from engines.datasets.item import SPLITS, Item
from engines.datasets.listing import Bad, Listing
from engines.datasets.manifest import SUFFIX, Header, Manifest, write_manifest
from engines.datasets.splits import Splits
from engines.datasets.store import BadFile, Store, on_disk
from engines.progress import progress

_BAD_SUFFIX = ".bad.csv"


@dataclass(frozen=True)
class Prepared:
    """The outcome: what was written where, and what could not be used."""

    path: Path
    manifest: Manifest
    bad: tuple[Bad, ...]

    @property
    def empty_parts(self) -> list[str]:
        """Of train, validation and test those in which nobody is; none for a set that comes in folds."""
        people = self.manifest.people
        return [] if any(split not in SPLITS for split in people) else [part for part in SPLITS if part not in people]

    def summary(self) -> dict[str, Any]:
        """For `--json`."""
        films = [item.face_share for item in self.manifest.items if item.face_share is not None]
        return {
            "data_set": self.manifest.header.data_set,
            "manifest": str(self.path),
            "items": len(self.manifest.items),
            "kinds": dict(Counter(item.kind for item in self.manifest.items)),
            "people": {split: len(people) for split, people in sorted(self.manifest.people.items())},
            "empty_parts": self.empty_parts,
            "emotions": self.manifest.counts(),
            "dropped": self.manifest.header.dropped,
            "face_share": round(sum(films) / len(films), 3) if films else None,
            "films_without_face": sum(share == 0 for share in films),
            "bad": [{"file": bad.file, "reason": bad.reason} for bad in self.bad],
        }


def prepare(data_set: str, folder: Path, out: Path | None = None, splits: Splits | None = None) -> Prepared:
    """Check the data set in `folder` (or one archive) and write `DATASET.manifest.csv` into `out`.

    Without `out` it is written beside the data. Raises UsageError when nothing of the data set is there, when a
    person is in two splits and when nothing can be written.
    """
    if data_set not in CATALOG:
        raise UsageError(f"Data set {data_set!r} is unknown: name one of {', '.join(CATALOG)}.")
    entry = CATALOG[data_set]
    with Store(folder) as store:
        target = _writable(out or store.folder)
        listing = entry.list_items(store, splits or Splits())
        listing.bad += [Bad(file, reason) for file, reason in store.broken.items()]
        if not listing.items and not listing.bad:
            raise UsageError(f"{folder} holds nothing of {data_set}: it should hold {entry.wants}.")
        items = _checked(store, listing, data_set)
        files, digest = _fingerprint(store, listing, items)
    header = Header(data_set, entry.licence, entry.source, files, digest, dict(sorted(listing.dropped.items())))
    moved = [replace(item, path=_moved(item.path, store.folder, target)) for item in items]
    prepared = Prepared(target / f"{data_set}{SUFFIX}", Manifest(target, header, tuple(moved)), tuple(listing.bad))
    _write_bad(target / f"{data_set}{_BAD_SUFFIX}", prepared.bad)
    if items:
        write_manifest(prepared.path, prepared.manifest)
    return prepared


def table(prepared: Prepared) -> str:
    """The same for people: emotions by split, people, what was left out."""
    counts, people = prepared.manifest.counts(), prepared.manifest.people
    lines = [f"{'':12}" + "".join(f"{emotion:>11}" for emotion in EMOTIONS) + f"{'all':>8}{'people':>8}"]
    for split, of in counts.items():
        numbers = "".join(f"{of.get(emotion, 0):11}" for emotion in EMOTIONS)
        lines.append(f"{split:12}{numbers}{sum(of.values()):8}{len(people[split]):8}")
    summary = prepared.summary()
    if summary["face_share"] is not None:
        lines.append(f"A face in {summary['face_share']:.0%} of the frames looked at in films.")
    lines += [f"Nobody is in {part}: --splits FILE says who should be." for part in prepared.empty_parts]
    lines += [f"Left out: {count} × {reason}." for reason, count in prepared.manifest.header.dropped.items()]
    lines += [f"Bad: {bad.file}: {bad.reason}" for bad in prepared.bad]
    if prepared.manifest.items:
        lines.append(f"{len(prepared.manifest.items)} items in {prepared.path}; {len(prepared.bad)} bad.")
    else:
        lines.append(f"Nothing can be used; {len(prepared.bad)} bad.")
    return "\n".join(lines)


def _checked(store: Store, listing: Listing, data_set: str) -> list[Item]:
    checker, good = Checker(store), []
    for item in progress(listing.items, data_set, len(listing.items)):
        try:
            good.append(checker.check(item))
        except BadFile as bad:
            listing.bad.append(Bad(item.path, str(bad)))
    return good


def _fingerprint(store: Store, listing: Listing, items: Iterable[Item]) -> tuple[int, str]:
    """Number of files, and the sha256 of what `sha256sum` would print for them; archives count as one file."""
    files = sorted({on_disk(path) for path in listing.used | {item.path for item in items}})
    sums = hashlib.sha256()
    for file in files:
        with (store.folder / file).open("rb") as content:
            sums.update(f"{_sha256(content)}  {file}\n".encode())
    return len(files), sums.hexdigest()


def _sha256(content: Any) -> str:
    digest = hashlib.sha256()
    while block := content.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def _moved(path: str, folder: Path, target: Path) -> str:
    """A path relative to `folder`, made relative to where the manifest lies."""
    base = Path(os.path.relpath(folder.resolve(), target.resolve())).as_posix()
    return path if base == "." else f"{base}/{path}"


def _writable(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"The folder {folder} cannot be made: {error.strerror}; name another with --out.") from None
    if not os.access(folder, os.W_OK):
        raise UsageError(f"Nothing may be written into {folder}: name another folder with --out.")
    return folder


def _write_bad(path: Path, bad: Iterable[Bad]) -> None:
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(("file", "reason"))
            rows.writerows((one.file, one.reason) for one in bad)
    except OSError as error:
        raise UsageError(f"The list {path} cannot be written: {error.strerror}; name a folder with --out.") from None
