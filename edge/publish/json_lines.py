"""Results as JSON lines: one line per window, nothing else, ready for `jq`."""

from __future__ import annotations

import sys
from typing import TextIO

from edge.publish.payload import encode
from edge.publish.sink import Message
from edge.publish.writer import Writer
from edge.samples import Image, Result

_CAPACITY = 512  # lines; a reader that sleeps for more than 100 s loses the oldest


class JsonLines:
    """Each message as one line; a reader that goes away ends the output, not the run."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._writer = Writer(stream if stream is not None else sys.stdout, _CAPACITY)

    @property
    def dropped(self) -> int:
        """Lines lost because nobody read them in time."""
        return self._writer.dropped

    @property
    def failure(self) -> Exception | None:
        """Why nothing can be written any more; None while it can."""
        return self._writer.failure

    def start(self) -> None:
        """Start writing."""
        self._writer.start()

    def result(self, message: Message, result: Result | None = None, frame: Image | None = None) -> None:  # noqa: ARG002
        """Queue one line."""
        self._writer.put(encode(message) + "\n")

    def stop(self) -> None:
        """Write what waits."""
        self._writer.stop()
