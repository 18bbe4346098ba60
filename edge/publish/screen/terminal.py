"""The live line: one line that repaints itself on a terminal, one plain line a second anywhere else."""

from __future__ import annotations

import dataclasses
import os
import shutil
import sys
from collections.abc import Mapping
from typing import TextIO

from edge.clock import NS_PER_S
from edge.publish.screen.live_line import Style, live_line, plain_line
from edge.publish.screen.vitals import Vitals
from edge.publish.sink import Message
from edge.publish.writer import Writer
from edge.samples import Image, Result

CLEAR_LINE = "\r\x1b[K"
_HIDE_CURSOR, _SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"


def is_journal(stream: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether systemd's journal takes what is written there: it names its socket as device:inode (systemd.exec(5))."""
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError, AttributeError):  # closed, or no file at all
        return False
    return environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


class Terminal:
    """Shows the newest result. A log line may come at any time: print CLEAR_LINE before it."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream if stream is not None else sys.stdout
        self._live = self._stream.isatty() and os.environ.get("TERM") != "dumb"
        self._writer = Writer(self._stream, 2 if self._live else 64)
        self._vitals = Vitals()
        self._next_plain_ns = 0

    @property
    def live(self) -> bool:
        """Whether the line repaints itself."""
        return self._live

    @property
    def failure(self) -> Exception | None:
        """Why nothing can be written any more; None while it can."""
        return self._writer.failure

    def start(self) -> None:
        """Start writing."""
        self._writer.start()

    def result(self, message: Message, result: Result | None = None, frame: Image | None = None) -> None:  # noqa: ARG002
        """Show one window."""
        if result is not None:
            self._vitals = dataclasses.replace(self._vitals, level_db=result.window.level_db)
        if self._live:
            # All in one piece, cleared only behind the text: nothing flickers. The cursor waits at the line's start.
            self._writer.put(f"{_HIDE_CURSOR}\r{live_line(message, self._vitals, self._style())}\x1b[K\r")
        elif message["t_ns"] >= self._next_plain_ns:
            self._next_plain_ns = message["t_ns"] + NS_PER_S
            self._writer.put(plain_line(message, self._vitals) + "\n")

    def stats(self, stats: Message) -> None:
        """Take the camera's frame rate out of the statistics."""
        self._vitals = dataclasses.replace(self._vitals, fps=stats.get("camera_fps"))

    def enabled(self, on: bool) -> None:
        """Follow the privacy switch."""
        self._vitals = dataclasses.replace(self._vitals, enabled=on)

    def broker(self, state: str) -> None:
        """Follow the connection to the broker."""
        self._vitals = dataclasses.replace(self._vitals, broker=state)

    def stop(self) -> None:
        """Leave the last line standing and give the cursor back."""
        if self._live:
            self._writer.put(f"\n{_SHOW_CURSOR}")
        self._writer.stop()

    def _style(self) -> Style:
        encoding = (getattr(self._stream, "encoding", None) or "ascii").lower()
        width = shutil.get_terminal_size().columns
        return Style(width, color="NO_COLOR" not in os.environ, unicode=encoding.startswith("utf"))
