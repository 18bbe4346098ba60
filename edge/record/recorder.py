"""From the opening of the devices to a finished clip: readers fill bounded buffers, this thread encodes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from edge.buffers import DoubleBuffer
from edge.capture.clip_writer import ClipError, ClipWriter
from edge.capture.source import AudioSource, VideoSource
from edge.clock import NS_PER_MS, NS_PER_S, Clock
from edge.errors import DeviceError, EdgeError, UsageError
from edge.record.files import RecordingFiles, partial
from edge.record.reader import Reader
from edge.samples import RATE_HZ, Chunk, Frame

FRAME_BUFFER = 30
CHUNK_BUFFER = 100
_WAIT_S = 0.05
_LATE_NS = 250 * NS_PER_MS
"""After the duration is over, samples from before its end may still be on their way for so long."""

Ending = Literal["asked", "duration", "end of file", "device lost", "switched off", "cannot be written"]


@dataclass(frozen=True)
class Progress:
    """How the recording stands, for whoever watches. `level_db`: of the newest chunk, dBFS; None without sound."""

    seconds: float
    frames: int
    level_db: float | None
    dropped: int


@dataclass(frozen=True)
class Orders:
    """When to end, beside the ends that come by themselves. `enabled` is the privacy switch."""

    stop: threading.Event
    duration_s: float | None
    require_devices: bool
    enabled: Callable[[], bool]


class Recorder:
    """One recording. After `run`, `writer` knows what was written and `ending` why it ended."""

    def __init__(
        self, video: VideoSource | None, audio: AudioSource | None, files: RecordingFiles, orders: Orders, clock: Clock
    ) -> None:
        self.ending: Ending = "asked"
        self.reason: str | None = None
        """The fault that ended it, as a sentence."""
        self.absent: list[str] = []
        """Devices that could not be had from the beginning, as sentences."""
        self.origin_ns = 0
        self.writer: ClipWriter | None = None
        self.video = None if video is None else Reader(video, DoubleBuffer[Frame](FRAME_BUFFER), clock)
        self.audio = None if audio is None else Reader(audio, DoubleBuffer[Chunk](CHUNK_BUFFER), clock)
        self._files = files
        self._orders = orders
        self._clock = clock
        self._begin_ns = 0
        self._limit_ns: int | None = None
        self._newest: dict[str, int] = {}
        self._level_db: float | None = None

    def run(self, watch: Callable[[Progress], None], begun: Callable[[], None]) -> None:
        """Record until something ends it; `begun` is told once all devices deliver, `watch` about 20 times a second.

        Raises DeviceError when nothing, or not all that was demanded, can be had. A file that cannot be written any
        more is an ending (its clip is closed as far as it goes), not an exception.
        """
        readers = self._readers()
        for reader in readers:
            reader.start()
        try:
            self._await_devices()
            begun()
            self._record(watch)
        finally:
            for reader in readers:
                reader.stop()
            for reader in readers:
                reader.join()
        self._finish()

    @property
    def seconds(self) -> float:
        """How long the clip is by now, on its own clock."""
        return 0.0 if self.writer is None else self.writer.end_ns / NS_PER_S

    @property
    def hangs(self) -> bool:
        """Whether a device did not let go of its thread."""
        return any(reader.hangs for reader in self._readers())

    def dropped(self) -> dict[str, int]:
        """Frames and chunks that were captured and not written."""
        return {
            "frames": self.video.dropped if self.video is not None else 0,
            "chunks": self.audio.dropped if self.audio is not None else 0,
        }

    def _readers(self) -> Sequence[Reader[Frame] | Reader[Chunk]]:
        return [reader for reader in (self.video, self.audio) if reader is not None]

    def _await_devices(self) -> None:
        """Until each device delivers or is known not to: both tracks then begin together."""
        while not all(reader.decided for reader in self._readers()):
            if self._orders.stop.wait(_WAIT_S):
                raise EdgeError("Nothing was recorded: the devices had not begun to deliver.")
            if not self._orders.enabled():
                raise EdgeError("Nothing was recorded: recognition has been switched off (edge-emotion enable).")
        failed = [reader.error for reader in self._readers() if reader.buffer.received == 0]
        sentences = [str(error) for error in failed if error is not None]
        if failed and (self._orders.require_devices or len(failed) == len(self._readers())):
            kind = UsageError if any(isinstance(error, UsageError) for error in failed) else DeviceError
            raise kind(" ".join(sentences) or "Nothing was recorded: the files hold nothing.")
        self.absent = sentences

    def _record(self, watch: Callable[[Progress], None]) -> None:
        try:
            self._begin()
            while not self._ended():
                self._write()
                watch(self._progress())
        except ClipError as error:
            self._fail(error)

    def _begin(self) -> None:
        """The clip's zero: where the first sample lies. Live devices begin when the slower one does."""
        frames, chunks = self._swap()
        firsts = [items[0].t_ns for items in (frames, chunks) if items]
        live = all(reader.source.live for reader in self._readers())
        self._begin_ns = max(firsts) if live else min(firsts)
        kept = [frame.t_ns for frame in frames if frame.t_ns >= self._begin_ns][:1]
        kept += [chunk.t_ns for chunk in chunks if chunk.end_ns > self._begin_ns][:1]
        self.origin_ns = min(kept)
        if self._orders.duration_s is not None:
            self._limit_ns = self.origin_ns + round(self._orders.duration_s * NS_PER_S)
        for reader in self._readers():
            reader.count_from_here()
        size = (frames[0].image.shape[1], frames[0].image.shape[0]) if frames else None
        self.writer = ClipWriter(
            partial(self._files.clip),
            self._files.clip_format,
            origin_ns=self.origin_ns,
            size=size,
            has_sound=bool(chunks),
        )
        self._add(frames, chunks)

    def _swap(self) -> tuple[list[Frame], list[Chunk]]:
        """What has come since the last time; waits a moment for the first of it."""
        frames = self.video.buffer.swap(_WAIT_S) if self.video is not None else []
        wait_s = _WAIT_S if self.video is None or self.video.over.is_set() else 0.0
        return frames, self.audio.buffer.swap(wait_s) if self.audio is not None else []

    def _write(self) -> None:
        self._add(*self._swap())

    def _add(self, frames: list[Frame], chunks: list[Chunk]) -> None:
        """Encode what lies between the beginning and the limit."""
        if self.writer is None:
            return
        for frame in frames:
            self._newest["video"] = frame.t_ns
            if self.writer.size is not None and self._begin_ns <= frame.t_ns and self._inside(frame.t_ns):
                self.writer.add_frame(frame)
        for chunk in chunks:
            self._newest["audio"] = chunk.end_ns
            self._level_db = level_db(chunk)
            kept = self._cut(chunk)
            if self.writer.sound_codec is not None and kept is not None:
                self.writer.add_chunk(kept)

    def _inside(self, t_ns: int) -> bool:
        return self._limit_ns is None or t_ns < self._limit_ns

    def _cut(self, chunk: Chunk) -> Chunk | None:
        """The part before the limit."""
        if chunk.end_ns <= self._begin_ns or not self._inside(chunk.t_ns):
            return None
        if self._limit_ns is None or chunk.end_ns <= self._limit_ns:
            return chunk
        samples = chunk.samples[: (self._limit_ns - chunk.t_ns) * RATE_HZ // NS_PER_S]
        return Chunk(chunk.t_ns, chunk.arrived_ns, chunk.seq, samples) if len(samples) else None

    def _ended(self) -> bool:
        lost = [reader.error for reader in self._readers() if reader.error and reader.buffer.received]
        files = [reader for reader in self._readers() if not reader.source.live and reader.buffer.received]
        if lost:
            self.ending, self.reason = "device lost", str(lost[0])
        elif self._orders.stop.is_set():
            self.ending = "asked"
        elif not self._orders.enabled():
            self.ending, self.reason = "switched off", "recognition has been switched off meanwhile"
        elif self._limit_ns is not None and self._past_limit(self._limit_ns):
            self.ending = "duration"
        elif files and all(reader.over.is_set() for reader in files):
            self.ending = "end of file"
        else:
            return False
        return True

    def _past_limit(self, limit_ns: int) -> bool:
        expected = len([reader for reader in self._readers() if not reader.over.is_set()])
        passed = [t_ns for t_ns in self._newest.values() if t_ns >= limit_ns]
        return len(passed) >= max(1, expected) or self._clock.now_ns() > limit_ns + _LATE_NS

    def _finish(self) -> None:
        """Write what still waits in the buffers, and close the file."""
        if self.writer is None or self.ending == "cannot be written":
            return
        try:
            self._write()
            self.writer.finish()
        except ClipError as error:
            self._fail(error)

    def _fail(self, error: ClipError) -> None:
        self.ending, self.reason = "cannot be written", str(error)
        if self.writer is not None:
            self.writer.abandon()

    def _progress(self) -> Progress:
        frames = len(self.writer.frame_ns) if self.writer is not None else 0
        return Progress(self.seconds, frames, self._level_db, sum(self.dropped().values()))


def level_db(chunk: Chunk) -> float:
    """RMS of a chunk in dBFS, never below −100."""
    power = float(np.mean(np.square(chunk.samples, dtype=np.float64))) if len(chunk.samples) else 0.0
    return max(-100.0, 10.0 * float(np.log10(max(power, 1e-10))))
