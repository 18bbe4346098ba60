"""The header of a recording: what was recorded, of whom, how well, and what its table holds."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from edge import __version__
from edge.capture.clip_stamps import FileStamps, deviation_ms
from edge.capture.clip_writer import ClipWriter
from edge.clock import NS_PER_S, iso_time
from edge.clock_sync import clock_synced
from edge.publish.payload import rounded
from edge.record.files import RecordingFiles
from edge.record.recorder import Recorder
from edge.record.take import Take
from edge.record.walk import Walk
from edge.samples import RATE_HZ

SCHEMA = 1
Header = dict[str, Any]


@dataclass(frozen=True)
class Origin:
    """What made the recording: the device's name, the student's first 8 digits, and the face detector."""

    device: str
    model: str
    detector: str


def header(
    files: RecordingFiles, take: Take, recorder: Recorder, origin: Origin, stamps: FileStamps, walk: Walk
) -> Header:
    """The header's JSON object. `recorder` has recorded something, and `walk` has been through it."""
    writer, lag, counts = recorder.writer, walk.lag, walk.counts
    if writer is None:
        raise ValueError("nothing was recorded")
    video, audio = _video(recorder, writer, stamps), _audio(recorder, writer, stamps)
    return {
        "schema": SCHEMA,
        "kind": "recording",
        "clip": files.clip.name,
        "table": files.table.name,
        "time": iso_time(recorder.origin_ns),
        "clock_synced": clock_synced(),
        "origin_ns": recorder.origin_ns,
        "seconds": rounded(recorder.seconds, 3),
        "ended": recorder.ending,
        "reason": " ".join([*recorder.absent, *([recorder.reason] if recorder.reason else [])]) or None,
        **asdict(take),
        "device": origin.device,
        "video": video,
        "audio": audio,
        "stamps_read_by": stamps.read_by,
        "lag": {
            "audio_lag_ms": rounded(lag.lag_ms, 1),
            "audio_lag_ci_ms": rounded(lag.ci_ms, 1),
            "applied_ms": rounded(lag.applied_ms, 1),
            "lock": lag.lock,
        },
        "rows": {"frame": counts.frames, "sound": counts.sound, "window": counts.windows, "complete": counts.complete},
        "found": {
            "frames_with_face": counts.frames_with_face,
            "sound_frames_with_voice": counts.voiced,
            "windows_warped": counts.windows_warped,
        },
        "model": origin.model,
        "detector": origin.detector,
        "version": __version__,
    }


def _video(recorder: Recorder, writer: ClipWriter, stamps: FileStamps) -> Header | None:
    if recorder.video is None or writer.size is None:
        return None
    captured = np.asarray(writer.frame_ns, np.int64)
    return {
        "source": recorder.video.source.name,
        "stamp_kind": getattr(recorder.video.source, "stamp_kind", "arrival"),
        "codec": writer.video_codec,
        "width": writer.size[0],
        "height": writer.size[1],
        "frames": len(captured),
        "fps": rounded(_rate_hz(captured), 2),
        "dropped": recorder.video.dropped,
        "stamps_in_clip": len(stamps.video_ns),
        "deviation_ms": rounded(deviation_ms(captured, stamps.video_ns), 3),
    }


def _audio(recorder: Recorder, writer: ClipWriter, stamps: FileStamps) -> Header | None:
    if recorder.audio is None or writer.sound_codec is None:
        return None
    return {
        "source": recorder.audio.source.name,
        "codec": writer.sound_codec,
        "rate_hz": RATE_HZ,
        "seconds": rounded(writer.samples / RATE_HZ, 3),
        "dropped": recorder.audio.dropped,
        "holes": writer.blocks.holes,
        "lost_ms": rounded(writer.blocks.lost_ns / 1e6, 1),
        "stamps_in_clip": len(stamps.sound_ns),
        "deviation_ms": rounded(deviation_ms(np.asarray(writer.block_ns, np.int64), stamps.sound_ns), 3),
    }


def _rate_hz(stamps_ns: np.ndarray[Any, np.dtype[np.int64]]) -> float | None:
    """Frames per second over the clip; None for fewer than two."""
    if len(stamps_ns) < 2:
        return None
    return float((len(stamps_ns) - 1) * NS_PER_S / max(1, int(stamps_ns[-1] - stamps_ns[0])))
