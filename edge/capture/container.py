"""Media files opened safely by PyAV: which demuxers may look at them, which streams count, when their clock starts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer
from av.stream import Disposition

from edge.clock import NS_PER_S
from edge.errors import UsageError

_CONTAINERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,flv,mpegts,mpeg,mpegvideo,asf,mxf,nut,ivf,gif,mjpeg,h264,hevc,m4v,obu,av1,"
    "yuv4mpegpipe,dv,wav,w64,rf64,flac,mp3,ogg,aac,ac3,eac3,aiff,au,caf,amr,voc,wv,tta"
)
_MAX_PIXELS = 64_000_000
"""Twice 8k: what claims more is refused before it takes the memory."""
_HUGE_PIXELS = 1920 * 1080
_METADATA: dict[str, Any] = {"metadata_errors": "replace"} if int(av.__version__.split(".")[0]) < 19 else {}
"""A title that is not UTF-8 must not keep a file from opening; from PyAV 19 on it never does."""


@contextmanager
def opened(path: str | Path) -> Iterator[InputContainer]:
    """The file, closed at the end. Raises UsageError when it cannot be read as media."""
    file = Path(path)
    if not file.exists():
        raise UsageError(f"File {str(path)!r} does not exist: check the path.")
    if not file.is_file():
        raise UsageError(f"{str(path)!r} is not a file: give a video or sound file.")
    options = {"protocol_whitelist": "file", "format_whitelist": _CONTAINERS}
    try:
        # The prefix keeps a colon in a file's name from being taken for a protocol.
        container = av.open(f"file:{file.resolve()}", options=options, **_METADATA)
    except PermissionError:
        raise UsageError(f"File {str(path)!r} may not be read by this user: change its permissions.") from None
    except (av.FFmpegError, OSError, ValueError):
        raise UsageError(
            f"File {str(path)!r} is no video or sound that can be read: give for example MP4 or WAV."
        ) from None
    with container:
        yield container


def video_stream(container: InputContainer) -> Any:
    """The first moving picture; a cover image in a sound file is none."""
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic and stream.codec_context is not None:
            return stream
    return None


def audio_stream(container: InputContainer) -> Any:
    """The first sound track that can be decoded."""
    for stream in container.streams.audio:
        if stream.codec_context is not None and stream.codec_context.sample_rate > 0:
            return stream
    return None


def prepare_video(stream: Any) -> None:
    """Bound what decoding may take; before the first packet."""
    context = stream.codec_context
    context.options = {"max_pixels": str(_MAX_PIXELS)}
    # Small pictures decode in about a millisecond; more threads would only take the cores from the others.
    context.thread_type = "AUTO"
    context.thread_count = 2 if context.width * context.height > _HUGE_PIXELS else 1


def decoded(container: InputContainer, stream: Any) -> Iterator[Any]:
    """All frames of one stream; damaged packets are skipped, a damaged tail ends it."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except (StopIteration, av.FFmpegError):
            return
        try:
            whole = packet.decode()
        except (av.FFmpegError, ValueError):
            continue
        yield from whole


def seek(container: InputContainer, start_ns: int) -> None:
    """Go to the last key frame before `start_ns`, if the file allows."""
    if start_ns <= 0:
        return
    try:
        container.seek(int((start_ns / NS_PER_S + start_s(container)) * av.time_base), backward=True)
    except av.FFmpegError:
        return  # not seekable: decoding from the start comes to the same place


def start_s(container: InputContainer) -> float:
    """Where the file's own clock starts: 1.4 s in MPEG-TS, say. Streams keep their distance from each other."""
    return max(0.0, (container.start_time or 0) / av.time_base)


def duration_s(container: InputContainer) -> float:
    """From the header; else (pipes, some cameras' files) from a walk over all packets."""
    if container.duration is not None and container.duration > 0:
        return float(container.duration / av.time_base)
    end = 0.0
    try:
        for packet in container.demux():
            if packet.pts is not None and packet.time_base is not None:
                end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
    except av.FFmpegError:
        pass  # a damaged tail: what came before counts
    return max(0.0, end - start_s(container))
