"""Standard error for a command that works for a while: sentences that stay, and on a terminal a line that repaints."""

from __future__ import annotations

import sys
from typing import TextIO

from edge.publish.writer import Writer

_CAPACITY = 200
_END_OF_LINE = "\x1b[K"


class RepaintedLine:
    """Never blocks whoever tells; without a terminal only sentences are written."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream if stream is not None else sys.stderr
        self.live = self._stream.isatty()
        """Whether `paint` shows anything."""
        self._writer = Writer(self._stream, _CAPACITY)
        self._writer.start()

    def say(self, sentence: str) -> None:
        """One line that stays."""
        clear = f"\r{_END_OF_LINE}" if self.live else ""
        self._writer.put(f"{clear}{sentence}\n")

    def paint(self, line: str) -> None:
        """The line as it stands now, for terminals."""
        if self.live:
            self._writer.put(f"\r{line}{_END_OF_LINE}")

    def stop(self) -> None:
        """Take the live line away and write what waits."""
        self.paint("")
        self._writer.stop()
