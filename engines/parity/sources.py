"""Which feeds to take: of the clips that are named, else the usual ones."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from edge.capture.demo import demo_clip
from edge.errors import EdgeError
from edge.infer.engine import Engine
from engines.parity.bar import bar
from engines.parity.clip_feeds import clip_feeds
from engines.parity.feeds import ParityFeeds, joined
from engines.parity.made_up import made_up_feeds
from engines.parity.run import Source

_log = logging.getLogger(__name__)


def usual_feeds(face: Engine, embedding_size: int) -> ParityFeeds:
    """The demo clip's and made-up ones; the latter alone where that clip, or a face detector, cannot be had.

    `face` is the reference's encoder, active. Never fails for want of data.
    """
    made_up = made_up_feeds()
    try:
        return joined([clip_feeds(demo_clip(), face, embedding_size), made_up])
    except EdgeError as error:
        _log.warning("parity goes by drawn faces and tones alone: %s", error)
        return made_up


def source_of(clips: Sequence[Path], data: Path | None) -> Source:
    """What makes the feeds of a run: all that is named; the usual ones where nothing is.

    Raises UsageError (when it is called) for a clip or an archive that cannot be read.
    """
    return partial(_named, clips, data) if clips or data else usual_feeds


def _named(clips: Sequence[Path], data: Path | None, face: Engine, embedding_size: int) -> ParityFeeds:
    parts = []
    with bar("clips", len(clips)) as watch:
        for clip in clips:
            parts.append(clip_feeds(clip, face, embedding_size))
            watch(1)
    if data is not None:
        from engines.parity.archive_feeds import archive_feeds

        parts.append(archive_feeds(data, face, embedding_size))
    return joined(parts)
