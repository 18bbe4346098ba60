"""What standard error shows while it records: that it does, and on a terminal how it goes."""

from __future__ import annotations

import sys
from typing import TextIO

from edge.publish.writer import Writer
from edge.record.recorder import Progress

_CAPACITY = 200
_EVERY_S = 0.2
_BLOCKS = "▁▂▃▄▅▆▇█"
_QUIET_DB = -60.0


class StatusLine:
    """Sentences for everybody; a line that repaints itself for terminals only. Never blocks the recording."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream if stream is not None else sys.stderr
        self._live = self._stream.isatty()
        self._writer = Writer(self._stream, _CAPACITY)
        self._writer.start()
        self._painted_s = -1.0
        self._seconds = 0.0

    def say(self, sentence: str) -> None:
        """One line that stays."""
        clear = "\r\x1b[K" if self._live else ""
        self._writer.put(f"{clear}{sentence}\n")

    def recording(self, progress: Progress) -> None:
        """How the recording stands, a few times a second."""
        if self._live and abs(progress.seconds - self._painted_s) >= _EVERY_S:
            self._painted_s = progress.seconds
            self._writer.put(f"\r{recording_line(progress)}\x1b[K")

    def begin_aligning(self, seconds: float) -> None:
        """The clip, `seconds` long, is being looked at."""
        self._painted_s, self._seconds = -1.0, seconds

    def aligning(self, seconds: float) -> None:
        """How far the look has come."""
        if self._live and seconds - self._painted_s >= 0.01 * self._seconds:
            self._painted_s = seconds
            self._writer.put(f"\raligning {min(1.0, seconds / max(1e-3, self._seconds)):4.0%}\x1b[K")

    def stop(self) -> None:
        """Take the live line away and write what waits."""
        if self._live:
            self._writer.put("\r\x1b[K")
        self._writer.stop()


def recording_line(progress: Progress) -> str:
    """Seconds, frames, sound level and what was dropped."""
    if progress.level_db is None:
        sound = "no sound"
    else:
        share = min(1.0, max(0.0, 1.0 - progress.level_db / _QUIET_DB))
        sound = f"sound {_BLOCKS[round(share * (len(_BLOCKS) - 1))]} {progress.level_db:4.0f} dB"
    rate_hz = progress.frames / progress.seconds if progress.seconds > 0 else 0.0
    return (
        f"● recording {progress.seconds:6.1f} s   {progress.frames} frames ({rate_hz:.0f}/s)   {sound}   "
        f"{progress.dropped} dropped"
    )
