"""The constant lag between the devices: estimated over seconds of speech, applied with hysteresis."""

from __future__ import annotations

from typing import Literal

import numpy as np

from edge.samples import Bools
from edge.sync.correlate import Signal, correlations, sub_sample_peak
from edge.sync.signals import SIGNAL_RATE_HZ, Channels

Lock = Literal["measuring", "locked", "held"]

MOST_LAG_MS = 600
LEAST_SPEECH_S = 3.0
LEAST_PEAK = 0.4
LEAST_LEAD = 0.05
AGREEING_MS = 60.0
HYSTERESIS_MS = 20.0
PERSON_SD_MS = 40.0
"""A mouth leads its voice by a person's and a film's own constant: −13 … 96 ms over 7 people filmed in step."""
_RIVAL_DISTANCE = 15
_KEEP = 12
_AGREE = 8


class LagEstimator:
    """Collects one cross-correlation peak per call and locks once several agree.

    `audio_lag_ms` > 0: the sound comes later than the picture. A hand-set `fixed_ms` switches estimation off.
    """

    def __init__(self, fixed_ms: float | None = None) -> None:
        self._fixed_ms = fixed_ms
        self._estimates: list[float] = []
        self._lag_ms: float | None = fixed_ms
        self._fresh = False

    def reset(self) -> None:
        """A device was opened again: its lag may be another one."""
        self._estimates.clear()
        self._lag_ms = self._fixed_ms
        self._fresh = False

    def step(self, now_ns: int, mouths: dict[int, Channels], voice: Channels, speech: Bools) -> None:
        """Look at the last seconds, which end at `now_ns`: `mouths` of each track and `voice` (n, C), `speech` (n,)."""
        self._fresh = False
        if self._fixed_ms is not None or speech.sum() < LEAST_SPEECH_S * SIGNAL_RATE_HZ:
            return
        most = min(MOST_LAG_MS * SIGNAL_RATE_HZ // 1000, len(voice) // 3)
        peaks = [confident_peak_ms(correlations(mouth[:, 0], voice[:, 0], most)) for mouth in mouths.values()]
        for estimate_ms in peaks:
            if estimate_ms is not None:
                self._fresh = True
                self._estimates = [*self._estimates, estimate_ms][-_KEEP:]
                self._update()

    def _update(self) -> None:
        middle = float(np.median(self._estimates))
        agreeing = [value for value in self._estimates if abs(value - middle) <= AGREEING_MS]
        if len(agreeing) < max(_AGREE, len(self._estimates) // 2 + 1):
            return
        lag_ms = float(np.median(agreeing))
        if self._lag_ms is None or abs(lag_ms - self._lag_ms) > HYSTERESIS_MS:
            self._lag_ms = lag_ms

    @property
    def lag_ms(self) -> float | None:
        """The estimate, or None while nothing is known."""
        return self._lag_ms

    @property
    def ci_ms(self) -> float | None:
        """Half width of the 95 % interval: the spread of the median (normal approximation) and PERSON_SD_MS."""
        if self._fixed_ms is not None or self._lag_ms is None or len(self._estimates) < 2:
            return None
        spread = 1.4826 * float(np.median(np.abs(np.asarray(self._estimates) - np.median(self._estimates))))
        of_median = 1.2533 * max(spread, 1.0) / float(np.sqrt(len(self._estimates)))
        return 1.96 * float(np.hypot(of_median, PERSON_SD_MS))

    @property
    def drift_ppm(self) -> float | None:
        """How much faster the sound's clock runs than the picture's; None while nothing is known."""
        return None

    @property
    def applied_ms(self) -> float:
        """What windows are moved by: the lag, once its interval excludes zero."""
        if self._lag_ms is None or (self.ci_ms is not None and abs(self._lag_ms) <= self.ci_ms):
            return 0.0
        return self._lag_ms

    @property
    def lock(self) -> Lock:
        """`measuring` until several estimates agree, `locked` while new ones come, `held` in between."""
        if self._fixed_ms is not None:
            return "locked"
        if self._lag_ms is None:
            return "measuring"
        return "locked" if self._fresh else "held"


def confident_peak_ms(curve: Signal) -> float | None:
    """The lag of the curve's peak in ms, or None when it is low or another peak comes close to it."""
    position, height = sub_sample_peak(curve)
    if height < LEAST_PEAK or not 1 <= position <= len(curve) - 2:
        return None
    rivals = np.delete(curve, np.arange(max(0, int(position) - _RIVAL_DISTANCE), int(position) + _RIVAL_DISTANCE + 1))
    if len(rivals) and height - float(rivals.max()) < LEAST_LEAD:
        return None
    return (position - (len(curve) - 1) / 2) * 1000.0 / SIGNAL_RATE_HZ
