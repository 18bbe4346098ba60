"""Camera and microphone, each read on a thread of its own into a bounded buffer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from edge.buffers import DoubleBuffer
from edge.capture.source import AudioSource, VideoSource
from edge.clock import Clock
from edge.config import Settings
from edge.errors import UsageError
from edge.feed import Feed
from edge.health import State, StreamHealth
from edge.samples import Chunk, Frame
from edge.sources import sources_of
from edge.stage import Stage
from edge.sync.stamps import StampGuard

_FRAME_BUFFER, _CHUNK_BUFFER = 30, 500
_JOIN_S = 4.0


class Devices:
    """`tell` gets a sentence when a device is lost; `reopened` is set when one has a new time base."""

    def __init__(self, settings: Settings, clock: Clock, tell: Callable[[str], None]) -> None:
        video, audio = _both(settings)
        self.reopened = threading.Event()
        self.names = (video.name, audio.name)
        self._tell = tell
        eye = StreamHealth("camera", settings.video.fps, self._changed)
        ear = StreamHealth("microphone", 1000.0 / settings.audio.chunk_ms, self._changed)
        # The daemon's own judgement of stamps: the lag is the one between the streams as it will see them.
        frame_guard, chunk_guard = StampGuard[Frame](live=video.live), StampGuard[Chunk](live=audio.live)
        frames, chunks = DoubleBuffer[Frame](_FRAME_BUFFER), DoubleBuffer[Chunk](_CHUNK_BUFFER)
        self._video = Feed(video, frames, eye, clock, self.reopened.set, frame_guard)
        self._audio = Feed(audio, chunks, ear, clock, self.reopened.set, chunk_guard)
        self._stages = [Stage("camera", self._video.step, clock), Stage("microphone", self._audio.step, clock)]

    @property
    def ended(self) -> bool:
        """Whether all that is no live device was played to its end."""
        files = [feed for feed in (self._video, self._audio) if not feed.source.live]
        return bool(files) and all(feed.ended.is_set() for feed in files)

    def open(self) -> None:
        """Open both and begin to read. Raises DeviceError or UsageError."""
        self._video.open()
        self._audio.open()
        self.reopened.clear()
        for stage in self._stages:
            stage.start()

    def read(self, timeout_s: float) -> tuple[list[Frame], list[Chunk]]:
        """What has come since the last time; waits a moment for the first picture."""
        return self._video.buffer.swap(timeout_s), self._audio.buffer.swap()

    def close(self) -> bool:
        """Release both; False when one does not let go."""
        for stage in self._stages:
            stage.stop()
        self._video.wake()
        self._audio.wake()
        released = [stage.join(_JOIN_S) for stage in self._stages]
        if all(released):
            self._video.close()
            self._audio.close()
        return all(released)

    def _changed(self, name: str, state: State, detail: dict[str, Any]) -> None:
        if state == "degraded" or (state == "offline" and not self._finished(name)):
            self._tell(f"{name}: {detail.get('reason')}")

    def _finished(self, name: str) -> bool:
        feed = self._video if name == self._video.health.name else self._audio
        return feed.end_ns is not None


def _both(settings: Settings) -> tuple[VideoSource, AudioSource]:
    video, audio = sources_of(settings)
    if video is None or audio is None:
        option, like = ("--camera", "--camera 0") if video is None else ("--mic", "--mic default")
        raise UsageError(f"{option} is 'none', but a clap has to be seen and heard: name both, like {like}.")
    return video, audio
