"""A clip written as it is captured: one picture and one sound track, every sample under its own stamp.

cv2.VideoWriter would number the pictures; PyAV stamps them, so a camera that stutters stays in step with the sound.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import av
import numpy as np

from edge.capture.sound_blocks import Block, SoundBlocks
from edge.clock import NS_PER_S
from edge.errors import EdgeError
from edge.samples import RATE_HZ, Chunk, Frame

VIDEO_TICKS_HZ = 50_000
"""20 µs: MP4 keeps them, Matroska rounds to 1 ms. MPEG-4 part 2 takes no more than 65,535."""
_NOMINAL_FPS = 30
_AAC_BITS = 128_000

T = TypeVar("T")


class ClipError(EdgeError):
    """The clip cannot be written any further."""


@dataclass(frozen=True)
class ClipFormat:
    """A container and what the sound is packed with: FLAC keeps each sample, AAC is what MP4 players know."""

    container: str
    sound_codec: str


FORMATS = {".mkv": ClipFormat("matroska", "flac"), ".mp4": ClipFormat("mp4", "aac")}
_MUXER_OPTIONS = {"matroska": {"cluster_time_limit": "1000", "flush_packets": "1"}}
"""Milliseconds: what a crash may cost; FFmpeg's own is 5 s."""


class ClipWriter:
    """Writes from the first `add` to `finish`. `origin_ns` (CLOCK_MONOTONIC) is the clip's zero: no stamp is earlier.

    `frame_ns` and `block_ns` are the capture stamps of what was written, from the origin: 8 bytes each, about 1.3 MB
    for an hour. All methods raise ClipError when the file cannot be written.
    """

    def __init__(
        self, path: Path, clip_format: ClipFormat, *, origin_ns: int, size: tuple[int, int] | None, has_sound: bool
    ) -> None:
        self.frame_ns = array("q")
        self.block_ns = array("q")
        self.samples = 0
        self.end_ns = 0
        """Where the clip ends by now: with its last frame or its last sample of sound."""
        self.video_codec: str | None = None
        self.sound_codec: str | None = None
        self.size: tuple[int, int] | None = None
        self._path = path
        self._origin_ns = origin_ns
        options = _MUXER_OPTIONS.get(clip_format.container, {})
        self._container: Any = self._try(
            lambda: av.open(f"file:{path}", "w", format=clip_format.container, container_options=options)
        )
        self._video: Any = self._add_video(*size) if size is not None else None
        self._sound: Any = self._add_sound(clip_format.sound_codec) if has_sound else None
        self.blocks = SoundBlocks(self._sound.codec_context.frame_size if self._sound is not None else 1)
        self._last_ticks = {"video": -1, "sound": -1}

    def add_frame(self, frame: Frame) -> None:
        """One picture, scaled to the size of the first where a camera changes it."""
        picture = av.VideoFrame.from_ndarray(frame.image, format="bgr24")
        picture = picture.reformat(self._video.width, self._video.height, format="yuv420p")
        picture.time_base = Fraction(1, VIDEO_TICKS_HZ)
        picture.pts = self._ticks("video", frame.t_ns, VIDEO_TICKS_HZ)
        self._mux(self._video, picture)
        self.frame_ns.append(frame.t_ns - self._origin_ns)
        self.end_ns = max(self.end_ns, self.frame_ns[-1])

    def add_chunk(self, chunk: Chunk) -> None:
        """A run of sound; where some was lost before it, the stamps leap."""
        for block in self.blocks.push(chunk):
            self._add_block(block)

    def finish(self) -> None:
        """Write what the encoders hold back, and the index."""
        for block in self.blocks.finish():
            self._add_block(block)
        for stream in (self._video, self._sound):
            if stream is not None:
                self._mux(stream, None)
        self._try(self._container.close)

    def abandon(self) -> None:
        """Close as far as it goes: after a failure only."""
        try:
            self._container.close()
        except OSError:
            return

    def _add_block(self, block: Block) -> None:
        t_ns, samples = block
        if self._sound.codec_context.format.name == "s16":
            # 32768, as files are read: sound of 16 bits comes back bit for bit.
            pcm: Any = np.clip(np.rint(samples * 32768.0), -32768, 32767).astype(np.int16)
        else:
            pcm = samples.astype(np.float32)
        sound = av.AudioFrame.from_ndarray(pcm[np.newaxis], format=self._sound.codec_context.format.name, layout="mono")
        sound.sample_rate, sound.time_base = RATE_HZ, Fraction(1, RATE_HZ)
        sound.pts = self._ticks("sound", t_ns, RATE_HZ)
        self._mux(self._sound, sound)
        self.block_ns.append(t_ns - self._origin_ns)
        self.samples += len(samples)
        self.end_ns = max(self.end_ns, self.block_ns[-1] + len(samples) * NS_PER_S // RATE_HZ)

    def _ticks(self, track: str, t_ns: int, rate_hz: int) -> int:
        """The stamp in ticks; containers refuse one that does not rise."""
        ticks = max(round((t_ns - self._origin_ns) * rate_hz / NS_PER_S), self._last_ticks[track] + 1)
        self._last_ticks[track] = ticks
        return ticks

    def _mux(self, stream: Any, frame: Any) -> None:
        def write() -> None:
            for packet in stream.encode(frame):
                self._container.mux(packet)

        self._try(write)

    def _add_video(self, width: int, height: int) -> Any:
        codec = "libx264" if "libx264" in av.codecs_available else "mpeg4"
        fast = {"preset": "veryfast", "crf": "18", "tune": "zerolatency"}
        options = fast if codec == "libx264" else {"qscale": "2"}
        stream = self._container.add_stream(codec, rate=_NOMINAL_FPS, options=options)
        # 4:2:0 halves both sides.
        stream.width, stream.height = max(2, width // 2 * 2), max(2, height // 2 * 2)
        stream.pix_fmt = "yuv420p"
        stream.codec_context.thread_count = 2
        stream.codec_context.time_base = Fraction(1, VIDEO_TICKS_HZ)
        self.video_codec, self.size = stream.codec_context.codec.canonical_name, (stream.width, stream.height)
        return stream

    def _add_sound(self, codec: str) -> Any:
        stream = self._container.add_stream(codec, rate=RATE_HZ, layout="mono")
        if codec == "aac":
            stream.bit_rate = _AAC_BITS
        stream.codec_context.open()  # only then it tells how long a block has to be
        self.sound_codec = codec
        return stream

    def _try(self, do: Callable[[], T]) -> T:
        try:
            return do()
        except OSError as error:  # FFmpeg's errors are of this kind too
            raise ClipError(f"The clip {self._path} cannot be written ({error.strerror or error})") from error
