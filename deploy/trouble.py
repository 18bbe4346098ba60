"""Why a program that installs failed: its last words seldom tell, an earlier line does."""

from __future__ import annotations

import re
from collections.abc import Callable

_NO_ROOM = ("No space left on device", "Errno 28", "Disk quota exceeded", "enough free space")
_NO_NETWORK = (
    *("NewConnectionError", "Name or service not known", "Temporary failure", "Could not resolve", "Could not connect"),
    *(
        "Failed to fetch",
        "Network is unreachable",
        "Connection refused",
        "Connection timed out",
        "Read timed out",
        "ConnectTimeoutError",
    ),
)
# What a compiler or an installer says of the cause, and not of what follows from it.
_CAUSE = re.compile(r"^E: |^ERROR: |\b\w*[eE]rror: ")
_FOLLOWS = (
    "subprocess-exited",
    "Failed to build",
    "Failed building",
    "Could not build",
    "error: command",
    "metadata-gen",
)


class Trouble:
    """Hears every line that the program says, and hands it on; `cause` is the last one that tells one, else empty."""

    def __init__(self, heard: Callable[[str], None] | None = None) -> None:
        self._heard = heard
        self.no_room = False
        self.no_network = False
        self.cause = ""

    def __call__(self, line: str) -> None:
        """A line that was said."""
        self.no_room = self.no_room or any(sign in line for sign in _NO_ROOM)
        self.no_network = self.no_network or any(sign in line for sign in _NO_NETWORK)
        if _CAUSE.search(line) and not any(sign in line for sign in _FOLLOWS):
            self.cause = line.strip().removeprefix("E: ").removeprefix("ERROR: ").rstrip(".")
        if self._heard is not None:
            self._heard(line)
