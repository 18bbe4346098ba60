"""The time stamps that a finished file holds, read by ffprobe: another program than the one that wrote them."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from edge.capture.container import audio_stream, opened, video_stream
from edge.clock import NS_PER_S

_LIMIT_S = 120.0
_VERSION = re.compile(r"ffprobe version (\S+)")

Stamps = NDArray[np.int64]


@dataclass(frozen=True)
class FileStamps:
    """Stamps of the packets in ns, rising, each (n,). `read_by` is the program and its version."""

    video_ns: Stamps
    sound_ns: Stamps
    read_by: str


def read_stamps(path: Path) -> FileStamps:
    """The stamps of the first picture and the first sound track; by PyAV where ffprobe is not installed or fails."""
    version = _ffprobe_version()
    if version is not None:
        video, sound = _probed(path, "v:0"), _probed(path, "a:0")
        if video is not None and sound is not None:
            return FileStamps(video, sound, f"ffprobe {version}")
    with opened(path) as container:
        video = _demuxed(container, video_stream(container))
    with opened(path) as container:
        sound = _demuxed(container, audio_stream(container))
    return FileStamps(video, sound, f"PyAV {av.__version__}")


def deviation_ms(captured_ns: Stamps, file_ns: Stamps) -> float | None:
    """The largest distance from a capture stamp to the nearest stamp of the file in ms; None where one has none."""
    if len(captured_ns) == 0 or len(file_ns) == 0:
        return None
    right = np.clip(np.searchsorted(file_ns, captured_ns), 0, len(file_ns) - 1)
    left = np.maximum(right - 1, 0)
    nearest = np.minimum(np.abs(file_ns[right] - captured_ns), np.abs(file_ns[left] - captured_ns))
    return float(nearest.max()) / 1e6


def _ffprobe_version() -> str | None:
    if shutil.which("ffprobe") is None:
        return None
    said = _run(["ffprobe", "-version"])
    found = _VERSION.match(said or "")
    return found[1] if found else None


def _probed(path: Path, stream: str) -> Stamps | None:
    """None when ffprobe fails, takes too long, or says what is no number."""
    wanted = ["-select_streams", stream, "-show_entries", "packet=pts_time", "-of", "csv=p=0"]
    said = _run(["ffprobe", "-v", "error", "-protocol_whitelist", "file", *wanted, f"file:{path.resolve()}"])
    if said is None:
        return None
    try:
        seconds = [float(word.strip(",")) for word in said.split() if word.strip(",") not in {"", "N/A"}]
    except ValueError:
        return None
    return _sorted([round(second * NS_PER_S) for second in seconds])


def _run(command: list[str]) -> str | None:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_LIMIT_S, check=True
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    return done.stdout


def _demuxed(container: av.container.InputContainer, stream: av.stream.Stream | None) -> Stamps:
    if stream is None:
        return _sorted([])
    packets = container.demux(stream)
    return _sorted([round(float(one.pts * one.time_base) * NS_PER_S) for one in packets if one.pts is not None])


def _sorted(stamps_ns: list[int]) -> Stamps:
    return np.sort(np.asarray(stamps_ns, np.int64))
