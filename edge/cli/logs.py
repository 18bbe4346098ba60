"""Logging to standard error: with time stamps for people, with priorities for the journal."""

from __future__ import annotations

import logging
import os
import sys

_PRIORITIES = {"DEBUG": 7, "INFO": 6, "WARNING": 4, "ERROR": 3, "CRITICAL": 2}


class _JournalFormatter(logging.Formatter):
    """sd-daemon(3): a line that begins with <N> has that priority; the journal adds the time itself."""

    def format(self, record: logging.LogRecord) -> str:
        priority = f"<{_PRIORITIES.get(record.levelname, 6)}>"
        return "\n".join(priority + line for line in super().format(record).splitlines())


def log_to_stderr(level: str) -> None:
    """Send everything from `level` up to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    if _is_journal():
        handler.setFormatter(_JournalFormatter("%(name)s: %(message)s"))
    else:
        # The live line may stand there: on a terminal each log line clears it and is followed by its next repaint.
        clear = "\r\x1b[K" if sys.stderr.isatty() else ""
        handler.setFormatter(logging.Formatter(f"{clear}%(asctime)s %(levelname)-7s %(message)s", "%H:%M:%S"))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for talkative in ("amqtt", "transitions", "matplotlib", "numba"):
        logging.getLogger(talkative).setLevel(logging.DEBUG if level == "debug" else logging.ERROR)


def _is_journal() -> bool:
    """systemd sets JOURNAL_STREAM to device:inode of the stream; a child with another stderr has it too."""
    try:
        status = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"
