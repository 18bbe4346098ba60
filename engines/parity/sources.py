"""Which feeds to take: of the clips that are named, else the usual ones."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from edge.capture.demo import demo_clip
from edge.errors import EdgeError
from edge.infer.engine import Engine
from engines.parity.clip_feeds import clip_feeds
from engines.parity.feeds import ParityFeeds, joined
from engines.parity.made_up import made_up_feeds
from engines.parity.run import Source
from engines.progress import progress

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


def source_of(clips: Sequence[Path]) -> Source:
    """What makes the feeds of a run. Raises UsageError (when it is called) for a clip that cannot be read."""
    return partial(_of_clips, clips) if clips else usual_feeds


def _of_clips(clips: Sequence[Path], face: Engine, embedding_size: int) -> ParityFeeds:
    return joined([clip_feeds(clip, face, embedding_size) for clip in progress(clips, "clips")])
