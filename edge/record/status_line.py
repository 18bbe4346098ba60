"""What standard error shows while it records: that it does, and on a terminal how it goes."""

from __future__ import annotations

from typing import TextIO

from edge.publish.screen.repaint import RepaintedLine
from edge.record.recorder import Progress

_EVERY_S = 0.2
_BLOCKS = "▁▂▃▄▅▆▇█"
_QUIET_DB = -60.0


class StatusLine(RepaintedLine):
    """The live line, for a recording and for the look at it afterwards."""

    def __init__(self, stream: TextIO | None = None) -> None:
        super().__init__(stream)
        self._painted_s = -1.0
        self._seconds = 0.0

    def recording(self, progress: Progress) -> None:
        """How the recording stands, a few times a second."""
        if abs(progress.seconds - self._painted_s) >= _EVERY_S:
            self._painted_s = progress.seconds
            self.paint(recording_line(progress))

    def begin_aligning(self, seconds: float) -> None:
        """The clip, `seconds` long, is being looked at."""
        self._painted_s, self._seconds = -1.0, seconds

    def aligning(self, seconds: float) -> None:
        """How far the look has come."""
        if seconds - self._painted_s >= 0.01 * self._seconds:
            self._painted_s = seconds
            self.paint(f"aligning {min(1.0, seconds / max(1e-3, self._seconds)):4.0%}")


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
