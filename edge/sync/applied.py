"""How far windows are moved: the lag that is worth correcting, without hunting."""

from __future__ import annotations

import math

HYSTERESIS_MS = 20.0
IN_STEP = 0.5
APART_MS = 300.0


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

    Devices are either in step (one in two: a file, or drivers with honest stamps) or apart, then any lag is as likely
    as among ±APART_MS; the expectation has the least mean square error. It leaves alone what a person's own lead
    explains as well.
    """
    in_step = IN_STEP * math.exp(-0.5 * (lag_ms / spread_ms) ** 2) / (math.sqrt(2 * math.pi) * spread_ms)
    apart = (1 - IN_STEP) / (2 * APART_MS)
    return lag_ms * apart / (in_step + apart)
