"""Both feeds of a run, each with those who look at its samples first."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from edge.buffers import DoubleBuffer
from edge.capture.picture_watch import PictureWatch
from edge.capture.sound_watch import SoundWatch
from edge.capture.source import AudioSource, VideoSource
from edge.clock import Clock
from edge.feed import Feed
from edge.health import StreamHealth
from edge.samples import Chunk, Frame
from edge.sparing import LEAST_HZ
from edge.sync.stamps import StampGuard

FRAME_BUFFER = 30
CHUNK_BUFFER = 100
SOUND_SILENT_AFTER_S = 0.6
"""With a read in progress a lost microphone is told within a second."""


class Feeds:
    """`video` and `audio` are None where nobody wants them; `frames` and `chunks` are what they fill."""

    def __init__(self, clock: Clock) -> None:
        self.frames: DoubleBuffer[Frame] = DoubleBuffer(FRAME_BUFFER)
        self.chunks: DoubleBuffer[Chunk] = DoubleBuffer(CHUNK_BUFFER)
        self.video: Feed[Frame] | None = None
        self.audio: Feed[Chunk] | None = None
        self._guards: dict[str, StampGuard[Frame] | StampGuard[Chunk]] = {}
        self._unbelieved_before = 0  # by guards of devices that others took the place of
        self._clock = clock

    def see(self, source: VideoSource, health: StreamHealth, on_open: Callable[[], None]) -> None:
        """There is a camera."""
        self.video = Feed(source, self.frames, health, self._clock, on_open, *self._eyes(source))

    def hear(self, source: AudioSource, health: StreamHealth, on_open: Callable[[], None]) -> None:
        """There is a microphone."""
        ears = self._ears(source)
        self.audio = Feed(source, self.chunks, health, self._clock, on_open, *ears, SOUND_SILENT_AFTER_S)

    def see_instead(self, source: VideoSource) -> None:
        """Another live camera in the place of the one that there is."""
        if self.video is not None:
            self.video.replace(source, *self._eyes(source))

    def hear_instead(self, source: AudioSource) -> None:
        """Another live microphone in the place of the one that there is."""
        if self.audio is not None:
            self.audio.replace(source, *self._ears(source))

    def _eyes(self, source: VideoSource) -> tuple[StampGuard[Frame], PictureWatch | None]:
        guard = StampGuard[Frame](live=source.live, slow_hz=LEAST_HZ)
        self._guard("video", guard)
        return guard, PictureWatch() if source.live else None

    def _ears(self, source: AudioSource) -> tuple[StampGuard[Chunk], SoundWatch | None]:
        guard = StampGuard[Chunk](live=source.live)
        self._guard("audio", guard)
        return guard, SoundWatch(source) if source.live else None

    def _guard(self, stream: str, guard: StampGuard[Frame] | StampGuard[Chunk]) -> None:
        old = self._guards.get(stream)
        self._unbelieved_before += old.unbelieved if old is not None else 0
        self._guards[stream] = guard

    def __iter__(self) -> Iterator[Feed[Frame] | Feed[Chunk]]:
        return (feed for feed in (self.video, self.audio) if feed is not None)

    @property
    def overflows(self) -> dict[str, int]:
        """What each live device delivered and nobody took in time, so far."""
        named = {"camera": self.video, "microphone": self.audio}
        return {name: feed.source.overflows for name, feed in named.items() if feed is not None and feed.source.live}

    @property
    def unbelieved(self) -> int:
        """Samples whose time stamps could not be believed, so far."""
        return self._unbelieved_before + sum(guard.unbelieved for guard in self._guards.values())

    @property
    def video_awaited(self) -> bool:
        """Whether there may be pictures that a window should wait for."""
        return self.video is not None and (self.video.delivering or not self.frames.drained)

    @property
    def audio_awaited(self) -> bool:
        """Whether there may be sound that a window should wait for."""
        return self.audio is not None and (self.audio.delivering or not self.chunks.drained)

    @property
    def end_ns(self) -> int | None:
        """When the last file was played to its end; None while one is being played, and without any.

        A file that cannot be opened counts only where there is nothing else: it ended before it began.
        """
        files = [feed for feed in self if not feed.source.live]
        if not files or not all(feed.ended.is_set() for feed in files):
            return None
        ends_ns = [feed.end_ns for feed in files if feed.end_ns is not None]
        if ends_ns:
            return max(ends_ns)
        return 0 if len(files) == len(list(self)) else None
