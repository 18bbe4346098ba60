"""How far windows are moved: the lag that is worth correcting, without hunting."""

from __future__ import annotations

import math

HYSTERESIS_MS = 20.0
IN_STEP = 0.5
APART_SD_MS = 300.0


class AppliedLag:
    """`ms` stays where it is until the lag has moved by more than HYSTERESIS_MS."""

    def __init__(self) -> None:
        self.ms = 0.0

    def step(self, lag_ms: float, spread_ms: float, carried_ms: float = 0.0) -> None:
        """The newest estimate and its standard deviation; `carried_ms`: what a known drift did since the last step."""
        if self.ms != 0.0:
            self.ms += carried_ms
        wanted_ms = worth_correcting_ms(lag_ms, spread_ms)
        if abs(wanted_ms - self.ms) > HYSTERESIS_MS:
            self.ms = wanted_ms


def worth_correcting_ms(lag_ms: float, spread_ms: float) -> float:
    """The expectation of the true lag, given the estimate.

    Devices are either in step (one in two: a file, or drivers with honest stamps) or APART_SD_MS apart; the
    expectation has the least mean square error. It leaves lags alone that a person's own lead explains as well.
    """
    apart_ms = math.hypot(APART_SD_MS, spread_ms)
    in_step = IN_STEP * math.exp(-0.5 * (lag_ms / spread_ms) ** 2) / spread_ms
    apart = (1 - IN_STEP) * math.exp(-0.5 * (lag_ms / apart_ms) ** 2) / apart_ms
    return lag_ms * apart / (in_step + apart) * (APART_SD_MS / apart_ms) ** 2
