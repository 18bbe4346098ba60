"""The camera and the microphone that the settings name."""

from __future__ import annotations

from edge.capture.source import AudioSource, VideoSource, make_sources
from edge.config import Settings


def sources_of(settings: Settings) -> tuple[VideoSource | None, AudioSource | None]:
    """Both sources, not yet open; None for what is 'none'. Raises UsageError for what can never be one."""
    return make_sources(
        settings.camera,
        settings.mic,
        loop=settings.loop,
        width=settings.video.width,
        height=settings.video.height,
        fps=round(settings.video.fps),
        chunk_ms=settings.audio.chunk_ms,
    )
