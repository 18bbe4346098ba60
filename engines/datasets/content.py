"""The pixels and samples behind a path of a manifest."""

from __future__ import annotations

import csv
import io
import re
from pathlib import PurePosixPath

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.capture import media
from edge.clock import NS_PER_S
from edge.errors import UsageError
from edge.samples import RATE_HZ, Floats, Image
from engines.datasets.av import FilmedUtterance, filmed_of
from engines.datasets.fault import one_line
from engines.datasets.fer2013 import sheet_tiles
from engines.datasets.fer2013_table import read_table
from engines.datasets.item import Item
from engines.datasets.speech import read_sound
from engines.datasets.store import BadFile, Store, entry_of, within

PICTURES_PER_S = 15.0
_BY_SOUNDFILE = (".wav", ".flac", ".ogg", ".opus")


class Content:
    """Decodes items of one store; tables, sheets and label files are read once. Raises BadFile for what is unusable."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._sheet: tuple[str, dict[str, NDArray[np.uint8]]] = ("", {})
        self._crops: dict[str, dict[str, dict[str, str]]] = {}

    def picture(self, item: Item) -> Image:
        """Gray (height, width)."""
        entry = entry_of(item.path)
        if entry is None:
            image = cv2.imdecode(np.frombuffer(self._store.read(item.path) or b"\0", np.uint8), cv2.IMREAD_GRAYSCALE)
            if image is None:
                raise BadFile("It is no picture that can be decoded.")
            return np.asarray(image, np.uint8)
        sheet, name = entry
        if self._sheet[0] != sheet:
            self._sheet = (sheet, self._read_sheet(sheet))
        if name not in self._sheet[1]:
            raise BadFile(f"{sheet} has no picture {name}.")
        return self._sheet[1][name]

    def sound(self, item: Item) -> Floats:
        """Mono samples at RATE_HZ; of a film its own sound track."""
        if entry_of(item.path):
            return self.film(item).samples
        if item.path.lower().endswith(_BY_SOUNDFILE):
            return _stretch(item, 0, self._by_soundfile(item.path))[1]
        with self._store.file(item.path) as path:
            return _stretch(item, *_sound(path))[1]

    def film(self, item: Item, pictures_per_s: float = PICTURES_PER_S) -> FilmedUtterance:
        """At most that many pictures a second, and the sound; time zero is the file's start, or `start_s`."""
        entry = entry_of(item.path)
        if entry is not None:
            return self._filmed_crops(*entry)
        with self._store.file(item.path) as path:
            return _film(item, path, pictures_per_s)

    def _read_sheet(self, path: str) -> dict[str, NDArray[np.uint8]]:
        content = self._store.read(path)
        try:
            if path.lower().endswith(".webp"):
                return {str(place): tile for place, tile in enumerate(sheet_tiles(content))}
            table = read_table(content)
            return {str(row): pixels for row, pixels in zip(table.rows, table.pixels, strict=True)}
        except (ValueError, csv.Error, cv2.error) as error:
            raise BadFile(f"{path} cannot be decoded: {error}.") from None

    def _by_soundfile(self, path: str) -> Floats:
        try:
            import soundfile
        except ImportError:
            raise UsageError("soundfile is not installed: run `pip install 'edge-emotion[train]'`.") from None
        content = self._store.read(path)
        if not content:
            raise BadFile("The file is empty.")
        try:
            return read_sound(content)
        except (soundfile.LibsndfileError, RuntimeError, ValueError) as error:
            raise BadFile(f"The sound cannot be decoded: {one_line(error)}.") from None

    def _filmed_crops(self, table: str, key: str) -> FilmedUtterance:
        beside = table[: -len(PurePosixPath(within(table)).name)]
        if table not in self._crops:
            rows = csv.DictReader(io.StringIO(self._store.read(table).decode("utf-8", "replace")))
            self._crops[table] = {row["key"]: row for row in rows}
        try:
            return filmed_of(self._crops[table][key], lambda name: self._store.read(beside + name))
        except (KeyError, ValueError, RuntimeError, cv2.error) as error:
            raise BadFile(f"The crops of {key} cannot be used: {error}.") from None


def _sound(path: object) -> tuple[int, Floats]:
    try:
        return media.load_sound(str(path))
    except UsageError as error:
        raise BadFile(f"The sound cannot be decoded: {_reason(error)}") from None


def _stretch(item: Item, first_ns: int, samples: Floats) -> tuple[int, Floats]:
    """Only the item's part of samples (n,) that begin at `first_ns`; and when that begins, from `start_s`."""
    if item.start_s is None or item.end_s is None:
        return first_ns, samples
    start_ns, end_ns = round(item.start_s * NS_PER_S), round(item.end_s * NS_PER_S)
    begin, end = (max(0, round((at_ns - first_ns) * RATE_HZ / NS_PER_S)) for at_ns in (start_ns, end_ns))
    return first_ns + begin * NS_PER_S // RATE_HZ - start_ns, samples[begin:end]


def _film(item: Item, path: object, pictures_per_s: float) -> FilmedUtterance:
    start_ns = round((item.start_s or 0.0) * NS_PER_S)
    end_ns = None if item.end_s is None else round(item.end_s * NS_PER_S)
    step_ns, next_ns = NS_PER_S / pictures_per_s, [float(start_ns)]

    def wanted(t_ns: int) -> bool:
        if t_ns < next_ns[0] - step_ns / 4 or (end_ns is not None and t_ns >= end_ns):
            return False
        next_ns[0] = max(next_ns[0] + step_ns, t_ns + step_ns / 2)
        return True

    try:
        frames = list(media.frames(str(path), start_ns=start_ns, wanted=wanted))
    except UsageError as error:
        raise BadFile(f"The picture cannot be decoded: {_reason(error)}") from None
    recorded_ns, track = _sound(path)
    first_ns, samples = _stretch(item, recorded_ns - round((item.audio_lag_s or 0.0) * NS_PER_S), track)
    return FilmedUtterance(
        key=item.path,
        label=item.label,
        times_s=np.array([(frame.t_ns - start_ns) / NS_PER_S for frame in frames], np.float32),
        pictures=tuple(frame.image for frame in frames),
        samples=samples,
        sound_from_s=first_ns / NS_PER_S,
    )


def _reason(error: UsageError) -> str:
    """The sentence without the file's name, which stands beside it anyway."""
    return re.sub(r"^File '[^']*' ", "it ", str(error))
