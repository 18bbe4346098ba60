"""How a provision tells what it does: a bar on a terminal, lines through a pipe, or JSON lines."""

from __future__ import annotations

import json
import shutil
import time
from typing import Any, Protocol, TextIO

_BAR_WIDTH = 24
_NAME_WIDTH = 14


class Reporter(Protocol):
    """Told of each step in turn."""

    def begin(self, number: int, count: int, name: str) -> None:
        """A step begins."""
        ...

    def progress(self, fraction: float, words: str) -> None:
        """How far it is, 0 to 1."""
        ...

    def warn(self, words: str) -> None:
        """Something was not done, and ends nothing."""
        ...

    def end(self, words: str, changed: bool) -> None:
        """It is done; `words` for people."""
        ...


class LineReporter:
    """One line for each step; on a terminal the line of the running step is painted anew, with a bar."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self._head, self._began_s = "", 0.0

    def begin(self, number: int, count: int, name: str) -> None:
        """Remember it; a terminal sees it at once."""
        self._head = f"[{number:>2}/{count}] {name:<{_NAME_WIDTH}}"
        self._began_s = time.monotonic()
        self.progress(0.0, "")

    def progress(self, fraction: float, words: str) -> None:
        """Paint the bar."""
        if self._live:
            done = round(_BAR_WIDTH * min(max(fraction, 0.0), 1.0))
            line = f"{self._head} {'█' * done}{'░' * (_BAR_WIDTH - done)} {words}"
            self._stream.write(f"\r\x1b[K{line[: shutil.get_terminal_size().columns - 1]}")
            self._stream.flush()

    def warn(self, words: str) -> None:
        """A line of its own."""
        self._say(f"        warning: {words}")

    def end(self, words: str, changed: bool) -> None:  # noqa: ARG002
        """The step's one line."""
        self._say(f"{self._head} {words} ({time.monotonic() - self._began_s:.1f} s)")

    def _say(self, line: str) -> None:
        self._stream.write(("\r\x1b[K" if self._live else "") + line + "\n")
        self._stream.flush()


class JsonReporter:
    """One object a line."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._name = ""

    def begin(self, number: int, count: int, name: str) -> None:
        """`{"step", "number", "count"}`."""
        self._name = name
        self._say({"step": name, "number": number, "count": count})

    def progress(self, fraction: float, words: str) -> None:
        """`{"step", "done", "words"}`."""
        self._say({"step": self._name, "done": round(fraction, 3), "words": words})

    def warn(self, words: str) -> None:
        """`{"warning"}`."""
        self._say({"warning": words})

    def end(self, words: str, changed: bool) -> None:  # noqa: ARG002
        """`{"step", "changed"}`."""
        self._say({"step": self._name, "changed": changed})

    def _say(self, message: dict[str, Any]) -> None:
        self._stream.write(json.dumps(message) + "\n")
        self._stream.flush()
