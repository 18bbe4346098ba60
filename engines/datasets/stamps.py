"""When the streams of a file begin and end, as ffprobe reads it: a reader of its own, to check ours by."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.errors import UsageError
from engines.datasets.store import BadFile

_TIMEOUT_S = 30
_ENTRIES = (
    "stream=index,codec_type,start_time,duration,avg_frame_rate,nb_frames:stream_disposition=attached_pic"
    ":format=duration:packet=stream_index,pts_time"
)


@dataclass(frozen=True)
class StreamStamps:
    """One stream, in seconds of the file's own clock; None where the file does not say."""

    start_s: float
    first_packet_s: float | None
    duration_s: float | None
    rate_hz: float | None
    """Frames per second of a picture stream."""


@dataclass(frozen=True)
class FileStamps:
    """What a film's sound and picture tell about their time."""

    video: StreamStamps | None
    audio: StreamStamps | None
    duration_s: float | None

    @property
    def audio_delay_s(self) -> float | None:
        """How much later the sound starts than the picture; None when one of them is missing."""
        if self.video is None or self.audio is None:
            return None
        return self.audio.start_s - self.video.start_s


def read_stamps(path: Path) -> FileStamps:
    """The first picture and sound stream. Raises BadFile for a file that ffprobe cannot read, UsageError without it."""
    command = ["ffprobe", "-v", "error", "-protocol_whitelist", "file", "-of", "json", "-show_entries", _ENTRIES]
    # The first two seconds of packets hold the first one of each stream; the rest of a long film is not read.
    command += ["-read_intervals", "%+2", f"file:{path.resolve()}"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_TIMEOUT_S, check=False, stdin=subprocess.DEVNULL)
    except FileNotFoundError:
        raise UsageError(
            "ffprobe is not installed, and films cannot be checked without it: run `apt install ffmpeg`."
        ) from None
    except subprocess.TimeoutExpired:
        raise BadFile(f"ffprobe gave no answer in {_TIMEOUT_S} s.") from None
    if done.returncode != 0:
        words = done.stderr.decode("utf-8", "replace").strip().splitlines()
        said = (words[-1] if words else "no reason given").replace(f"file:{path.resolve()}: ", "")
        raise BadFile(f"ffprobe cannot read it: {said}.")
    read: dict[str, Any] = json.loads(done.stdout)
    return FileStamps(_stream(read, "video"), _stream(read, "audio"), _seconds(read.get("format", {}).get("duration")))


def _stream(read: dict[str, Any], kind: str) -> StreamStamps | None:
    for stream in read.get("streams", ()):
        if stream.get("codec_type") == kind and not stream.get("disposition", {}).get("attached_pic"):
            packets = [p for p in read.get("packets", ()) if p.get("stream_index") == stream["index"]]
            stamps = [stamp for stamp in (_seconds(p.get("pts_time")) for p in packets) if stamp is not None]
            first_s = min(stamps, default=None)
            start_s = _seconds(stream.get("start_time"))
            return StreamStamps(
                # A codec's run-up before zero is not played.
                start_s=max(0.0, start_s if start_s is not None else first_s or 0.0),
                first_packet_s=first_s,
                duration_s=_seconds(stream.get("duration")),
                rate_hz=_rate(stream.get("avg_frame_rate")),
            )
    return None


def _seconds(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None


def _rate(text: str | None) -> float | None:
    top, _, below = (text or "").partition("/")
    return float(top) / float(below) if top.isdigit() and below.isdigit() and int(below) else None
