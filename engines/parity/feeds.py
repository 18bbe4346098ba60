"""What both engines are fed: aligned crops, and rows of the window head that are made of their embeddings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.infer.engine import Feeds
from edge.samples import VIDEO_SLOTS, Floats

CASES = ("face and voice", "face alone", "voice alone", "no face", "silence", "partly masked", "several faces", "empty")
"""`face alone` has its sound masked, `voice alone` its pictures (the embeddings are still there, as on the device);
`no face` has no embeddings at all, `silence` is heard silence, `empty` is all masked."""


@dataclass(frozen=True)
class Row:
    """One row of the window head. Its embeddings are `weights` times those of some crops: each encoder makes its own.

    The device interpolates in time just so.
    """

    places: NDArray[np.int64]
    """(k,): which of the feeds' crops."""
    weights: Floats
    """(15, k)"""
    video_mask: Floats
    """(15,)"""
    sound: Floats
    """(100, 120)"""
    sound_mask: Floats
    """(100,)"""
    case: str
    """One of CASES."""

    @property
    def sees(self) -> bool:
        """Whether any picture counts."""
        return bool(self.video_mask.any())

    @property
    def hears(self) -> bool:
        """Whether any sound counts."""
        return bool(self.sound_mask.any())


@dataclass(frozen=True)
class ParityFeeds:
    """Crops (n, 128, 128) and rows, and where they come from."""

    crops: NDArray[np.uint8]
    rows: tuple[Row, ...]
    source: str

    def face_feeds(self, place: slice) -> Feeds:
        """The face encoder's input for some crops."""
        return {"crops": self.crops[place][:, None].astype(np.float32)}

    def head_feeds(self, encoded: Floats, place: slice) -> Feeds:
        """The head's inputs for some rows; `encoded` (n, E) are the embeddings of all crops."""
        rows = self.rows[place]
        embeddings = np.zeros((len(rows), VIDEO_SLOTS, encoded.shape[1]), np.float32)
        for number, row in enumerate(rows):
            if len(row.places):
                embeddings[number] = row.weights @ encoded[row.places]
        return {
            "embeddings": embeddings,
            "video_mask": np.stack([row.video_mask for row in rows]),
            "sound": np.stack([row.sound for row in rows]),
            "sound_mask": np.stack([row.sound_mask for row in rows]),
        }

    def counts(self) -> dict[str, int]:
        """How many rows there are of each case."""
        return {case: sum(row.case == case for row in self.rows) for case in CASES}


def joined(parts: Sequence[ParityFeeds]) -> ParityFeeds:
    """All feeds as one."""
    rows: list[Row] = []
    begin = 0
    for part in parts:
        rows += _moved(part.rows, begin)
        begin += len(part.crops)
    crops = np.concatenate([part.crops for part in parts])
    return ParityFeeds(crops, tuple(rows), ", ".join(part.source for part in parts))


def _moved(rows: Iterable[Row], begin: int) -> Iterable[Row]:
    for row in rows:
        yield Row(row.places + begin, row.weights, row.video_mask, row.sound, row.sound_mask, row.case)
