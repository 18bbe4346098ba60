"""What standard error shows while claps are waited for: what to do, and on a terminal how it goes."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TextIO

from edge.publish.writer import Writer

_CAPACITY = 100


@dataclass(frozen=True)
class Progress:
    """Claps so far, out of those wanted, and the seconds that are left for them."""

    heard: int
    seen: int
    agreeing: int
    wanted: int
    left_s: float


class StatusLine:
    """Sentences for everybody; a line that repaints itself for terminals only. Never blocks."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream if stream is not None else sys.stderr
        self._live = self._stream.isatty()
        self._writer = Writer(self._stream, _CAPACITY)
        self._writer.start()

    def say(self, sentence: str) -> None:
        """One line that stays."""
        clear = "\r\x1b[K" if self._live else ""
        self._writer.put(f"{clear}{sentence}\n")

    def waiting(self, progress: Progress) -> None:
        """How it stands, for terminals."""
        if self._live:
            self._writer.put(f"\r{waiting_line(progress)}\x1b[K")

    def stop(self) -> None:
        """Take the live line away and write what waits."""
        if self._live:
            self._writer.put("\r\x1b[K")
        self._writer.stop()


def waiting_line(progress: Progress) -> str:
    """Claps heard, seen and agreeing, and the time that is left."""
    full = min(progress.agreeing, progress.wanted)
    return (
        f"claps {'●' * full}{'○' * (progress.wanted - full)}   heard {progress.heard}   seen {progress.seen}   "
        f"{max(0.0, progress.left_s):3.0f} s left"
    )
