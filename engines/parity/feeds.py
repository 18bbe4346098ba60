"""What both engines are fed: aligned crops, and rows of the window head that are made of their embeddings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from edge.features.crop import CROP_PX
from edge.infer.engine import Feeds
from edge.samples import FEATURE_SIZE, VIDEO_SLOTS, WINDOW_FRAMES, Floats

CASES = ("face and voice", "face alone", "voice alone", "no face", "silence", "partly masked", "several faces", "empty")
"""`face alone` has its sound masked, `voice alone` its pictures (the embeddings are still there, as on the device);
`no face` has no embeddings at all, in `silence` it is silence that is heard, `empty` is all masked."""


@dataclass(frozen=True)
class Sight:
    """What a row sees: its embeddings are `weights` times those of some crops, as the device interpolates in time.

    So each encoder makes its own.
    """

    places: NDArray[np.int64]
    """(k,): which of the feeds' crops."""
    weights: Floats
    """(15, k)"""
    mask: Floats
    """(15,)"""

    @classmethod
    def nobody(cls) -> Sight:
        """No face in any slot."""
        none = np.zeros((VIDEO_SLOTS, 0), np.float32)
        return cls(np.empty(0, np.int64), none, np.zeros(VIDEO_SLOTS, np.float32))

    @classmethod
    def still(cls, place: int) -> Sight:
        """One crop in all slots."""
        ones = np.ones(VIDEO_SLOTS, np.float32)
        return cls(np.array([place]), ones[:, None], ones)

    def kept(self, slots: Floats) -> Sight:
        """Only where `slots` (15,) is 1; the others are empty, as the aligner leaves them."""
        return Sight(self.places, self.weights * slots[:, None], self.mask * slots)

    @property
    def content(self) -> bytes:
        """The same for what looks the same; nothing where nothing is seen."""
        return b"".join(part.tobytes() for part in (self.places, self.weights, self.mask)) if self else b""

    def unseen(self) -> Sight:
        """Masked, the embeddings still there."""
        return replace(self, mask=np.zeros_like(self.mask))

    def __bool__(self) -> bool:
        return bool(self.mask.any())


@dataclass(frozen=True)
class Sound:
    """What a row hears."""

    features: Floats
    """(100, 120)"""
    mask: Floats
    """(100,)"""

    @classmethod
    def none(cls) -> Sound:
        """No microphone."""
        return cls(np.zeros((WINDOW_FRAMES, FEATURE_SIZE), np.float32), np.zeros(WINDOW_FRAMES, np.float32))

    def kept(self, frames: Floats) -> Sound:
        """Only where `frames` (100,) is 1."""
        return Sound(self.features * frames[:, None], self.mask * frames)

    @property
    def content(self) -> bytes:
        """The same for what sounds the same; nothing where nothing is heard."""
        return self.features.tobytes() + self.mask.tobytes() if self else b""

    def unheard(self) -> Sound:
        """Masked, the features still there."""
        return replace(self, mask=np.zeros_like(self.mask))

    def __bool__(self) -> bool:
        return bool(self.mask.any())


@dataclass(frozen=True)
class Row:
    """One row of the window head, and which of CASES it stands for."""

    sight: Sight
    sound: Sound
    case: str

    def evidence(self, output: str) -> tuple[bytes, bytes]:
        """What "fused", "video" or "audio" goes by; both empty where there is nothing."""
        return (
            b"" if output == "audio" else self.sight.content,
            b"" if output == "video" else self.sound.content,
        )


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
        return {
            "embeddings": np.stack([row.sight.weights @ encoded[row.sight.places] for row in rows]),
            "video_mask": np.stack([row.sight.mask for row in rows]),
            "sound": np.stack([row.sound.features for row in rows]),
            "sound_mask": np.stack([row.sound.mask for row in rows]),
        }

    def counts(self) -> dict[str, int]:
        """How many rows there are of each case."""
        return {case: sum(row.case == case for row in self.rows) for case in CASES}


class CropList:
    """Crops in the order of their first use: windows overlap, so that most crops are in several."""

    def __init__(self) -> None:
        self._places: dict[bytes, int] = {}

    def place(self, crop: NDArray[np.uint8]) -> int:
        """Where a crop (128, 128) is."""
        return self._places.setdefault(crop.tobytes(), len(self._places))

    def array(self) -> NDArray[np.uint8]:
        """(n, 128, 128)"""
        return np.frombuffer(b"".join(self._places), np.uint8).reshape(-1, CROP_PX, CROP_PX)


def joined(parts: Sequence[ParityFeeds]) -> ParityFeeds:
    """All feeds as one."""
    rows: list[Row] = []
    begin = 0
    for part in parts:
        rows += [replace(row, sight=replace(row.sight, places=row.sight.places + begin)) for row in part.rows]
        begin += len(part.crops)
    crops = np.concatenate([part.crops for part in parts])
    return ParityFeeds(crops, tuple(rows), ", ".join(part.source for part in parts))
