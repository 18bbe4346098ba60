"""Frames of a live camera, as a test reads them."""

from __future__ import annotations

from edge.capture.source import VideoSource
from edge.samples import Frame

EACH_WITHIN_S = 5.0
"""A stream may start between two key frames."""


def read_frames(camera: VideoSource, count: int) -> list[Frame]:
    """The next ones."""
    frames = []
    while len(frames) < count:
        frame = camera.read(EACH_WITHIN_S)
        assert frame is not None, f"no frame within {EACH_WITHIN_S:g} s"
        frames.append(frame)
    return frames
