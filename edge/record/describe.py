"""Table and header of a finished clip."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from edge.capture.clip_stamps import read_stamps
from edge.clock import NS_PER_S
from edge.config import Settings
from edge.errors import EdgeError
from edge.features.face import Detector
from edge.publish.payload import clean, encode
from edge.record.files import RecordingFiles, partial
from edge.record.header import Header, Origin, header
from edge.record.recorder import Recorder
from edge.record.rows import Row
from edge.record.take import Take
from edge.record.walk import Walk


def describe(
    settings: Settings,
    take: Take,
    files: RecordingFiles,
    recorder: Recorder,
    origin: Origin,
    detector: Detector,
    go_on: Callable[[float], bool],
) -> Header:
    """Walk the clip, read its stamps back, and write both files; gives the header.

    `go_on` is asked all the time, with the second of the clip that has been reached. Raises EdgeError when a file
    cannot be written; the clip stays.
    """
    unfinished = partial(files.table), partial(files.header)
    try:
        walk = _write_table(unfinished[0], settings, files, recorder, detector, go_on)
        made: Header = clean(header(files, take, recorder, origin, read_stamps(files.clip), walk))
        unfinished[0].replace(files.table)
        unfinished[1].write_text(json.dumps(made, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        unfinished[1].replace(files.header)
    except OSError as error:
        for path in unfinished:
            path.unlink(missing_ok=True)
        raise EdgeError(
            f"The clip {files.clip} is whole, but its table or header cannot be written ({error.strerror}): make room."
        ) from error
    return made


def _write_table(
    path: Path,
    settings: Settings,
    files: RecordingFiles,
    recorder: Recorder,
    detector: Detector,
    go_on: Callable[[float], bool],
) -> Walk:
    with path.open("w", encoding="utf-8") as table:

        def write(row: Row) -> None:
            table.write(encode(row) + "\n")

        offset_ms = settings.sync.audio_offset_ms
        walk = Walk(detector, denoise=settings.audio.denoise, audio_offset_ms=offset_ms, write=write)
        captured_ns = recorder.writer.frame_ns if recorder.writer is not None else ()
        walk.run(files.clip, captured_ns, lambda now_ns: go_on(now_ns / NS_PER_S))
    return walk
