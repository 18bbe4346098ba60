"""Which pictures are looked at while the work is eased: every other one, where that leaves enough of them."""

from __future__ import annotations

from edge.clock import NS_PER_S

LEAST_HZ = 9.0
"""Syllables come four or five a second: from fewer pictures no mouth's motion can be told."""


class Sparing:
    """While `on`, passes over one picture after each that was looked at, but never so many that fewer than `least_hz`
    a second are left: a slow camera's are all needed.
    """

    def __init__(self, least_hz: float = LEAST_HZ) -> None:
        self.on = False
        self._most_gap_ns = int(NS_PER_S / least_hz)
        self._looked_ns: int | None = None
        self._came_since = 0

    def wants(self, t_ns: int, came: int) -> bool:
        """Whether to look at the picture stamped `t_ns`, the newest of `came` that came since the last question."""
        self._came_since += came
        gap_ns = None if self._looked_ns is None else t_ns - self._looked_ns
        if self.on and self._came_since < 2 and gap_ns is not None and 0 < 2 * gap_ns <= self._most_gap_ns:
            return False
        self._looked_ns, self._came_since = t_ns, 0
        return True
