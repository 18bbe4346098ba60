"""How long to wait before the next try."""

from __future__ import annotations

import random

SHORTEST_S = 1.0
LONGEST_S = 30.0
LONGEST_NEARBY_S = 2.0
_FIRST_CEILING_S = 2.0
_GROWTH = 1.3


class BackOff:
    """Random delays under a ceiling that grows from 2 s to 30 s in ten tries.

    Random from end to end, so that a thousand devices that lost their broker in one moment do not come back in one.
    """

    def __init__(self, source: random.Random | None = None) -> None:
        self._random = source or random.Random()
        self._tries = 0

    def next_s(self, longest_s: float = LONGEST_S) -> float:
        """Seconds to wait: at least 1, and at most `longest_s`."""
        ceiling_s = min(longest_s, _FIRST_CEILING_S * _GROWTH ** min(self._tries, 64))
        self._tries += 1
        return self._random.uniform(SHORTEST_S, ceiling_s)

    def reset(self) -> None:
        """The broker took us: begin with short delays again."""
        self._tries = 0
