"""What a manifest lists, decoded one after the other: pictures, sounds and films for training and evaluation."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar, cast

from edge.errors import UsageError
from edge.samples import Floats, Image
from engines.datasets.av import FilmedUtterance
from engines.datasets.catalog import CATALOG, data_set_of
from engines.datasets.content import PICTURES_PER_S, Content
from engines.datasets.fer2013 import Picture
from engines.datasets.item import Item
from engines.datasets.manifest import SUFFIX, Header, Manifest, read_manifest
from engines.datasets.speech import Utterance
from engines.datasets.splits import Part, Splits
from engines.datasets.store import BadFile, Store

LOG = logging.getLogger(__name__)
T = TypeVar("T")


def open_manifest(source: Path) -> Manifest:
    """A prepared `*.manifest.csv`, or an archive listed as `prepare` would, without decoding anything.

    Raises UsageError for a manifest that is wrong and for an archive of no known data set.
    """
    if source.name.endswith(SUFFIX):
        return read_manifest(source)
    with Store(source) as store:
        name = data_set_of(store)
        if name is None:
            raise UsageError(f"{source} is neither a *{SUFFIX} nor an archive of {', '.join(CATALOG)}.")
        entry = CATALOG[name]
        listing = entry.list_items(store, Splits())
    header = Header(name, entry.licence, entry.source, dropped=dict(listing.dropped))
    return Manifest(source.parent, header, tuple(listing.items))


def pictures(manifest: Manifest) -> Iterator[tuple[Item, Image]]:
    """Its pictures, gray uint8 (height, width). A file that cannot be decoded is named in the log and left out."""
    yield from _decoded(manifest, ("picture",), Content.picture)


def sounds(manifest: Manifest, *, films: bool = False) -> Iterator[tuple[Item, Floats]]:
    """Its sounds, float32 mono at RATE_HZ; with `films` the sound tracks of the films too. Bad files as above."""
    yield from _decoded(manifest, ("sound", "film") if films else ("sound",), Content.sound)


def films(
    manifest: Manifest, *, pictures_per_s: float = PICTURES_PER_S, unused: bool = False
) -> Iterator[tuple[Item, FilmedUtterance]]:
    """Its films with sound, on one time base. Those for neither training nor judging only with `unused`."""

    def film(content: Content, item: Item) -> FilmedUtterance:
        return content.film(item, pictures_per_s)

    yield from _decoded(manifest, ("film",), film, unused=unused)


def read_utterances(source: Path) -> Iterator[tuple[Utterance, Floats]]:
    """As `read_speech`, from an archive or a prepared manifest: utterances and their samples at RATE_HZ.

    The sound tracks of films count where a manifest has no sounds. Of folds the last is the test, the first validates.
    """
    manifest = in_parts(open_manifest(source))
    has_sounds = any(item.kind == "sound" for item in manifest.items)
    for item, samples in sounds(manifest, films=not has_sounds):
        yield Utterance(item.data_set, item.path, item.person, item.label, cast(Part, item.split)), samples


def read_faces(source: Path) -> tuple[list[Image], list[Picture]]:
    """As `read_fer2013`, from an archive or a prepared manifest: gray pictures of any size and one Picture each."""
    images: list[Image] = []
    known: list[Picture] = []
    for item, image in pictures(in_parts(open_manifest(source))):
        images.append(image)
        part = cast(Part, item.split)
        known.append(Picture(len(known), part, item.label, item.target, item.usable, item.judged))
    return images, known


def in_parts(manifest: Manifest) -> Manifest:
    """Of a manifest with folds the last one is the test, and the first validates."""
    folds = {int(item.split[4:]) for item in manifest.items if item.split.startswith("fold")}
    return manifest.with_fold(max(folds)) if folds else manifest


def _decoded(
    manifest: Manifest, kinds: tuple[str, ...], decode: Callable[[Content, Item], T], *, unused: bool = True
) -> Iterator[tuple[Item, T]]:
    with Store(manifest.folder) as store:
        content = Content(store)
        for item in manifest.items:
            if item.kind in kinds and (unused or item.usable or item.judged):
                try:
                    decoded = decode(content, item)
                except BadFile as bad:
                    LOG.warning("%s left out: %s", item.path, bad)
                    continue
                yield item, decoded
