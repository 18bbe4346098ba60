"""How many samples a second a microphone really sends: some do not keep the rate that was agreed."""

from __future__ import annotations

from collections import deque

import numpy as np

from edge.clock import NS_PER_MS, NS_PER_S

SPAN_NS = 4 * NS_PER_S
TOLERANCE = 0.01
"""Clocks of sound cards differ by 0.0005 at most; another rate is another by 0.08 at least."""
AGREE = 0.005
_SETTLE_NS = NS_PER_S
"""What piled up while the stream was opened comes first, and faster."""
_HOLE_NS = 60 * NS_PER_MS
_STANDARD_HZ = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000)
_CLOCKS_HZ = (32_000, 44_100, 48_000)
"""A sound server that was told one of these by a card that runs at another converts it to an odd rate."""


class RateMeter:
    """Counts samples against CLOCK_MONOTONIC, in spans of 4 s by a least-squares line through the measured stamps.

    Two spans of three in a row that agree are believed: a small hole in the sound spoils one. When they are more than
    1 % off, `rate_hz` becomes the standard rate that lies within 1 % of them, if there is one; `fault` says what was
    measured as long as it is not what was agreed.
    """

    def __init__(self, agreed_hz: int) -> None:
        self.rate_hz = agreed_hz
        """What the stream is to be taken for."""
        self.fault: str | None = None
        """In words that follow the device's name."""
        self._agreed_hz = agreed_hz
        self._began_ns: int | None = None
        self._expected_ns = 0
        self._samples = 0
        self._points: list[tuple[int, int]] = []
        self._before_hz: deque[float] = deque(maxlen=2)
        self._told_hz: float | None = None

    def step(self, measured_ns: int, samples: int) -> None:
        """A run of `samples`, the first of which was recorded at `measured_ns`."""
        if self._began_ns is None:
            self._began_ns = measured_ns
        if measured_ns - self._began_ns < _SETTLE_NS:
            return
        if self._points and abs(measured_ns - self._expected_ns) > _HOLE_NS:
            self._points = []  # sound was lost: nothing can be counted across it
        self._points.append((measured_ns, self._samples))
        self._samples += samples
        self._expected_ns = measured_ns + samples * NS_PER_S // self.rate_hz
        if measured_ns - self._points[0][0] >= SPAN_NS:
            self._conclude(_slope_hz(self._points))
            self._points = []

    def _conclude(self, measured_hz: float) -> None:
        agree = any(_near(measured_hz, before_hz, AGREE) for before_hz in self._before_hz)
        self._before_hz.append(measured_hz)
        if not agree:
            return
        if _near(measured_hz, self._agreed_hz):
            self.rate_hz, self.fault, self._told_hz = self._agreed_hz, None, None
        elif self._told_hz is None or not _near(measured_hz, self._told_hz, AGREE):
            self._tell(measured_hz)

    def _tell(self, measured_hz: float) -> None:
        self._told_hz = measured_hz
        fitting = [rate_hz for rate_hz in _rates(self._agreed_hz) if _near(measured_hz, rate_hz)]
        self.rate_hz = min(fitting, key=lambda rate_hz: abs(rate_hz - measured_hz), default=self._agreed_hz)
        self.fault = f"its sound comes at {measured_hz:.0f} Hz where {self._agreed_hz} Hz were agreed"
        if fitting:
            self.fault = f"its sound comes at {self.rate_hz} Hz where {self._agreed_hz} Hz were agreed, and is taken so"


def _rates(agreed_hz: int) -> set[int]:
    """What a device may run at that claims `agreed_hz`."""
    mistaken = {round(agreed_hz * real_hz / told_hz) for real_hz in _CLOCKS_HZ for told_hz in _CLOCKS_HZ}
    return mistaken | set(_STANDARD_HZ)


def _near(measured_hz: float, rate_hz: float, tolerance: float = TOLERANCE) -> bool:
    return abs(measured_hz / rate_hz - 1) <= tolerance


def _slope_hz(points: list[tuple[int, int]]) -> float:
    t_ns, samples = np.array(points, np.int64).T
    return float(np.polyfit((t_ns - t_ns[0]) / NS_PER_S, samples - samples[0], 1)[0])
