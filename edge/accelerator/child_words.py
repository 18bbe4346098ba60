"""What the building child says on its standard output: one JSON object a line."""

from __future__ import annotations

import json
from dataclasses import dataclass

LONGEST_LINE = 4096
MOST_BYTES = 16 * 1024 * 1024
"""Some hours of ten lines a second."""
MOST_NONSENSE = 10
"""Lines that a library may have printed in between."""


@dataclass(frozen=True)
class Word:
    """`done` is the share of the whole build, 0 … 1; None for what is no progress. `refused` says why for good."""

    done: float | None = None
    phase: str = ""
    refused: str | None = None


class NonsenseError(Exception):
    """No child of ours speaks like this."""


class ChildWords:
    """Turns bytes into words; bounded, whatever comes."""

    def __init__(self) -> None:
        self._rest = b""
        self._bytes = 0
        self._nonsense = 0

    def feed(self, data: bytes) -> list[Word]:
        """The words that `data` completes. Raises NonsenseError when they make no sense for too long."""
        self._bytes += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        words = [self._understood(line) for line in lines if line.strip()]
        if self._bytes > MOST_BYTES or len(self._rest) > LONGEST_LINE or self._nonsense > MOST_NONSENSE:
            raise NonsenseError
        return [word for word in words if word is not None]

    def _understood(self, line: bytes) -> Word | None:
        try:
            word = _word(json.loads(line[: LONGEST_LINE + 1]))
        except (ValueError, RecursionError):
            word = None
        self._nonsense += word is None
        return word


def _word(said: object) -> Word | None:
    """None for what is no word of the protocol."""
    if not isinstance(said, dict):
        return None
    if isinstance(said.get("refused"), str):
        return Word(refused=said["refused"])
    if isinstance(said.get("built"), list):
        return Word()
    done = said.get("done")
    if isinstance(done, bool) or not isinstance(done, (int, float)) or not 0.0 <= done <= 1.0:
        return None
    return Word(done=float(done), phase=f"{said.get('graph')} {said.get('phase')}")
