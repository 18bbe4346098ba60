"""Which feeds to take when nobody names any."""

from __future__ import annotations

import logging

from edge.capture.demo import demo_clip
from edge.errors import EdgeError
from edge.infer.engine import Engine
from engines.parity.clip_feeds import clip_feeds
from engines.parity.feeds import ParityFeeds, joined
from engines.parity.made_up import made_up_feeds

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
