"""Logging to standard error with time stamps for people; with fields to the journal, where that is where it leads."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping
from typing import TextIO

from edge.log_level import set_level
from edge.publish.writer import Writer

_CAPACITY = 1000  # lines that wait for a standard error that nobody reads; the oldest are lost
_log = logging.getLogger("edge.logs")


class _JournalFormatter(logging.Formatter):
    """sd-daemon(3): a line that begins with <N> has that priority; the journal adds the time itself."""

    def __init__(self, template: str, priorities: Mapping[str, int]) -> None:
        super().__init__(template)
        self._priorities = priorities

    def format(self, record: logging.LogRecord) -> str:
        priority = f"<{self._priorities.get(record.levelname, 6)}>"
        return "\n".join(priority + line for line in super().format(record).splitlines())


class _WriterHandler(logging.Handler):
    """Lines in order from a thread of its own: a full pipe stops neither a device's thread nor the end of the run."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        # A disk that is full today has room tomorrow: the log goes on then.
        self._writer = Writer(stream, _CAPACITY, insists=True)
        self._writer.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Queue one record."""
        try:
            self._writer.put(self.format(record) + "\n")
        except Exception:  # as logging.StreamHandler does: a bad format string ends no run
            self.handleError(record)

    def flush(self) -> None:
        """Wait until all is written, for at most a second."""
        self._writer.flush()

    def close(self) -> None:
        """Write what waits, for at most a second; logging calls this at exit."""
        self._writer.stop()
        super().close()


def log_to_stderr(level: str, identifier: str = "edge-emotion") -> None:
    """Send everything from `level` up to standard error, or with its fields to the journal that is behind it."""
    handler, missing = _for_the_journal(identifier) if _is_journal() else (_for_people(), None)
    logging.basicConfig(handlers=[handler], force=True)
    set_level(level)
    if missing is not None:
        _log.warning("The journal gets plain lines without fields, because %s.", missing)


def _for_people() -> logging.Handler:
    handler = _WriterHandler(sys.stderr)
    # The live line may stand there: on a terminal each log line clears it and is followed by its next repaint.
    clear = "\r\x1b[K" if sys.stderr.isatty() else ""
    handler.setFormatter(logging.Formatter(f"{clear}%(asctime)s %(levelname)-7s %(message)s", "%H:%M:%S"))
    return handler


def _for_the_journal(identifier: str) -> tuple[logging.Handler, str | None]:
    """The best there is, and why that is not the journal's own."""
    from edge.journal import PRIORITIES, JournalError, JournalHandler

    try:
        return JournalHandler(identifier), None
    except JournalError as error:
        plain = _WriterHandler(sys.stderr)
        plain.setFormatter(_JournalFormatter("%(name)s: %(message)s", PRIORITIES))
        return plain, str(error)


def last_words(text: str) -> None:
    """Write `text` to standard error behind all log lines; gives up after a second where nobody reads it."""
    for handler in logging.getLogger().handlers:
        handler.flush()
    writer = Writer(sys.stderr, 1)
    writer.start()
    writer.put("".join(f"<3>{line}" for line in text.splitlines(keepends=True)) if _is_journal() else text)
    writer.stop()


def _is_journal() -> bool:
    """systemd sets JOURNAL_STREAM to device:inode of the stream; a child with another stderr has it too."""
    try:
        status = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"
