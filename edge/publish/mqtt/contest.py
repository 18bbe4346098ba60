"""Two clients with one id: the broker lets the newer in and throws the older out, for ever."""

from __future__ import annotations

import random
from collections import deque

CALM_S = 60.0
_FIGHT = (2, 10.0)
_HABIT = (3, 120.0)
_DELAY_S = (20.0, 30.0)


class Contest:
    """Notices such a fight; one of the two steps back from it.

    mosquitto 2.0 does not say that another took over: it closes the connection and goes on answering. Twice within
    10 s is no accident: this one yields. Three times within two minutes is none either, but the other one yields
    already. A broker that is restarted does not answer in that moment, so it is not mistaken.
    """

    def __init__(self, source: random.Random | None = None) -> None:
        self.on = False
        self.yields = False
        self._random = source or random.Random()
        self._thrown_out: deque[float] = deque(maxlen=_HABIT[0])
        self._connected_at = 0.0

    def connected(self, now_s: float) -> None:
        """A connection was taken."""
        self._connected_at = now_s

    def thrown_out(self, now_s: float, *, told: bool) -> None:
        """The broker, alive, has ended it; `told`: and said that another client took over."""
        self._thrown_out.append(now_s)
        self.yields = self.yields or told or self._happened(now_s, *_FIGHT)
        self.on = self.yields or self._happened(now_s, *_HABIT) or self.on

    def has_ended(self, now_s: float) -> bool:
        """Whether this connection has lasted; the fight is over then. Told once."""
        if not self.on or now_s - self._connected_at <= CALM_S:
            return False
        self.on = self.yields = False
        self._thrown_out.clear()
        return True

    def delay_s(self) -> float:
        """How long to leave the field to the other one; never the same, else both would come back together."""
        return self._random.uniform(*_DELAY_S)

    def _happened(self, now_s: float, times: int, within_s: float) -> bool:
        return sum(now_s - moment <= within_s for moment in self._thrown_out) >= times
