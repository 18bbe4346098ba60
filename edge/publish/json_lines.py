"""Results as JSON lines: one line per window, nothing else, ready for `jq`."""

from __future__ import annotations

import logging
import sys
from typing import TextIO

from edge.publish.payload import encode
from edge.publish.sink import Message
from edge.samples import Image, Result

_log = logging.getLogger(__name__)


class JsonLines:
    """Writes each message as one line and flushes it; a reader that went away ends the output, not the run."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.broken = False
        self._stream = stream if stream is not None else sys.stdout

    def start(self) -> None:
        """Nothing to open."""

    def result(self, message: Message, result: Result | None = None, frame: Image | None = None) -> None:  # noqa: ARG002
        """Write one line."""
        self.write(message)

    def write(self, message: Message) -> None:
        """Write any record as one line (the summary of `analyze`, for one)."""
        if self.broken:
            return
        try:
            self._stream.write(encode(message) + "\n")
            self._stream.flush()
        except (OSError, ValueError) as error:  # ValueError: the stream was closed
            self.broken = True
            _log.warning("nobody reads the JSON lines any more (%s)", error)

    def stop(self) -> None:
        """Nothing to close: the stream belongs to the caller."""
