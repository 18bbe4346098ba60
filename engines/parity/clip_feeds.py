"""Feeds from a clip: what the device's own code makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.features.face import Detector, make_detector
from edge.infer.engine import Engine
from edge.samples import Floats
from engines.clip_walk import ClipWalk, Moment
from engines.parity.cases import rows_of
from engines.parity.feeds import CropList, ParityFeeds, Sight, Sound

MOST_MOMENTS = 60


def clip_feeds(
    clip: Path, face: Engine, embedding_size: int, most: int = MOST_MOMENTS, detector: Detector | None = None
) -> ParityFeeds:
    """Feeds from at most `most` windows of `clip`, evenly spread.

    `face` (active) is there because the device's own code encodes as it goes: its answers are not kept.
    Raises UsageError for a clip that cannot be read, ConfigError where no face detector is installed.
    """

    def encode(crops: NDArray[np.uint8]) -> Floats:
        return np.asarray(face.infer({"crops": crops[:, None].astype(np.float32)})["embeddings"], np.float32)

    moments = list(ClipWalk(clip, encode, embedding_size, detector or make_detector()).moments())
    return moment_feeds(moments[:: max(1, -(-len(moments) // most))], clip.name)


def moment_feeds(moments: Sequence[Moment], source: str) -> ParityFeeds:
    """The rows that the device would make of these moments, and those that it might meet besides."""
    crops = CropList()
    sights = [
        Sight(
            places=np.array([crops.place(crop) for crop in moment.crops], np.int64),
            weights=moment.weights.astype(np.float32),
            mask=moment.video_mask.astype(np.float32),
        )
        for moment in moments
    ]
    sounds = [
        Sound(moment.window.sound.astype(np.float32), moment.window.sound_mask.astype(np.float32)) for moment in moments
    ]
    return ParityFeeds(crops.array(), tuple(rows_of(sights, sounds)), source)
