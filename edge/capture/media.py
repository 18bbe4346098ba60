"""Files of sound and picture, read by PyAV with their true time stamps.

Only plain containers and only the local disk: a playlist that names other files or addresses is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from edge.capture.container import (
    audio_stream,
    decoded,
    duration_s,
    opened,
    prepare_video,
    seek,
    start_s,
    video_stream,
)
from edge.capture.picture import fit_size
from edge.capture.resample import Resampler, mono
from edge.clock import NS_PER_MS, NS_PER_S
from edge.errors import UsageError
from edge.samples import RATE_HZ, Chunk, Floats, Frame, Image

_GAP_NS = 30 * NS_PER_MS
"""Sound whose stamps leap ahead by more than this has a hole; less is rounding of the container."""
_BEGUN_ANEW_NS = NS_PER_S
"""Pictures whose stamps go back by more than this go on where they were, as sound does: files were put end to end."""


@dataclass(frozen=True)
class MediaInfo:
    """What a file holds. Numbers of a missing stream are 0. `width` and `height` are as stored, before any rotation."""

    duration_s: float
    has_video: bool
    has_audio: bool
    width: int
    height: int
    fps: float
    rate_hz: int


def probe(path: str | Path) -> MediaInfo:
    """Look into a file without decoding it. Raises UsageError when it is no media file."""
    with opened(path) as container:
        video, audio = video_stream(container), audio_stream(container)
        if video is None and audio is None:
            raise UsageError(f"File {str(path)!r} holds neither picture nor sound: give a video or sound file.")
        return MediaInfo(
            duration_s=duration_s(container),
            has_video=video is not None,
            has_audio=audio is not None,
            width=video.codec_context.width if video else 0,
            height=video.codec_context.height if video else 0,
            fps=float(video.average_rate or video.guessed_rate or 0) if video else 0.0,
            rate_hz=audio.codec_context.sample_rate if audio else 0,
        )


def frames(path: str | Path, *, start_ns: int = 0, wanted: Callable[[int], bool] | None = None) -> Iterator[Frame]:
    """The pictures of a file; `t_ns` counts from the file's start, `arrived_ns` equals it.

    Pictures are BGR, upright, at most MAX_SIDE_PX on the longer side. Those before `start_ns`, and those whose
    stamp `wanted` refuses, are decoded but not converted. Damaged packets are skipped.
    Raises UsageError when the file cannot be read or has no picture at all.
    """
    with opened(path) as container:
        stream = video_stream(container)
        if stream is None:
            raise UsageError(f"File {str(path)!r} holds no picture: give a video file.")
        prepare_video(stream)
        seek(container, start_ns)
        zero_s, seq, found = start_s(container), 0, start_ns > 0
        step_ns = int(NS_PER_S / float(stream.average_rate or 25))
        t_ns, moved_ns = -step_ns, 0
        for picture in decoded(container, stream):
            found = True
            next_ns = t_ns + step_ns
            if picture.pts is not None:
                t_ns = _to_ns(float(picture.pts * picture.time_base) - zero_s) + moved_ns
                if next_ns - t_ns > _BEGUN_ANEW_NS:
                    moved_ns += next_ns - t_ns
                    t_ns = next_ns
            else:
                t_ns = next_ns
            if t_ns >= start_ns and (wanted is None or wanted(t_ns)):
                yield Frame(t_ns, t_ns, seq, _image(picture))
                seq += 1
        if not found:
            raise UsageError(f"File {str(path)!r} is damaged: not one picture in it can be decoded.")


def chunks(path: str | Path, *, chunk_ms: int = 20, start_ns: int = 0) -> Iterator[Chunk]:
    """The sound of a file as 16 kHz mono chunks of `chunk_ms` (shorter before a hole and at the end).

    `t_ns` counts from the file's start, as for `frames`; `arrived_ns` is the end of the chunk. Sound before
    `start_ns`, such as a codec's run-up below 0, is left out. Raises UsageError when the file cannot be read or has
    no sound.
    """
    size, seq = RATE_HZ * chunk_ms // 1000, 0
    for run_ns, run in _runs(path, start_ns, size):
        for first in range(0, len(run), size):
            chunk = Chunk(run_ns + first * NS_PER_S // RATE_HZ, 0, seq, run[first : first + size])
            yield Chunk(chunk.t_ns, chunk.end_ns, seq, chunk.samples)
            seq += 1


def load_sound(path: str | Path) -> tuple[int, Floats]:
    """All sound of a file: nanoseconds of its first sample from the file's start, and 16 kHz mono float32.

    Holes are filled with silence. Raises UsageError as `chunks` does.
    """
    first_ns: int | None = None
    parts: list[Floats] = []
    total = 0
    for chunk in chunks(path, chunk_ms=1000):
        first_ns = chunk.t_ns if first_ns is None else first_ns
        hole = (chunk.t_ns - first_ns) * RATE_HZ // NS_PER_S - total
        if hole > 0:
            parts.append(np.zeros(hole, np.float32))
        parts.append(chunk.samples)
        total += max(hole, 0) + len(chunk.samples)
    return first_ns or 0, np.concatenate(parts) if parts else np.zeros(0, np.float32)


def _runs(path: str | Path, start_ns: int, size: int) -> Iterator[tuple[int, Floats]]:
    """Stretches of sound, each with the stamp of its first sample; a multiple of `size` long but before a hole."""
    with opened(path) as container:
        stream = audio_stream(container)
        if stream is None:
            raise UsageError(f"File {str(path)!r} holds no sound: give a file with a sound track.")
        seek(container, start_ns)
        zero_s, found = start_s(container), start_ns > 0
        run: _Run | None = None
        for sound in decoded(container, stream):
            found = True
            t_ns = None if sound.pts is None else _to_ns(float(sound.pts * sound.time_base) - zero_s)
            if run is None or sound.sample_rate != run.rate_hz or (t_ns is not None and t_ns - run.next_ns > _GAP_NS):
                if run is not None:
                    yield run.finish()
                begin_ns = t_ns if t_ns is not None else run.next_ns if run is not None else 0
                run = _Run(begin_ns, sound.sample_rate, start_ns)
            run.add(_samples(sound))
            if run.waiting >= size:
                yield run.take(size)
        if run is not None:
            yield run.finish()
        if not found:
            raise UsageError(f"File {str(path)!r} is damaged: none of its sound can be decoded.")


class _Run:
    """Sound without a hole, from decoder's frames to stretches that know their time; none from before `start_ns`."""

    def __init__(self, begin_ns: int, rate_hz: int, start_ns: int) -> None:
        self.begin_ns = begin_ns
        self.rate_hz = rate_hz
        self.waiting = 0
        self._taken = 0
        self._early = max(0, -((begin_ns - start_ns) * RATE_HZ // NS_PER_S))
        self._resampler = Resampler(rate_hz)
        self._parts: list[Floats] = []

    @property
    def next_ns(self) -> int:
        """The stamp that the next decoded sample should have."""
        return self.begin_ns + self._resampler.taken * NS_PER_S // self.rate_hz

    def add(self, samples: Floats) -> None:
        self._keep(self._resampler.push(samples))

    def take(self, size: int) -> tuple[int, Floats]:
        """All that waits, in whole chunks of `size` samples."""
        return self._cut(self.waiting // size * size)

    def finish(self) -> tuple[int, Floats]:
        """The rest of the run."""
        self._keep(self._resampler.flush())
        return self._cut(self.waiting)

    def _keep(self, samples: Floats) -> None:
        dropped = min(self._early, len(samples))
        self._early -= dropped
        self._taken += dropped
        self._parts.append(samples[dropped:])
        self.waiting += len(samples) - dropped

    def _cut(self, length: int) -> tuple[int, Floats]:
        joined = np.concatenate(self._parts) if self._parts else np.zeros(0, np.float32)
        t_ns = self.begin_ns + self._taken * NS_PER_S // RATE_HZ
        self._parts = [joined[length:]]
        self.waiting -= length
        self._taken += length
        return t_ns, joined[:length]


def _image(picture: Any) -> Image:
    aspect = float(picture.sample_aspect_ratio or 1) if hasattr(picture, "sample_aspect_ratio") else 1.0
    width, height = fit_size(max(1, round(picture.width * aspect)), picture.height)
    image = picture.reformat(width, height, format="bgr24", interpolation="AREA").to_ndarray()
    turns = round(picture.rotation / 90) % 4
    return cast(Image, np.ascontiguousarray(np.rot90(image, turns)) if turns else image)


def _samples(sound: Any) -> Floats:
    pcm = sound.to_ndarray()
    return mono(pcm if sound.format.is_planar else pcm.reshape(-1, len(sound.layout.channels)).T)


def _to_ns(seconds: float) -> int:
    return round(seconds * NS_PER_S)
