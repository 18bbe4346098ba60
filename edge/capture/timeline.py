"""Even stamps for sound: the samples count the time, the sound card's stamps only correct it."""

from __future__ import annotations

from edge.clock import NS_PER_MS, NS_PER_S

_JUMP_NS = 40 * NS_PER_MS
_JUMP_STEPS = 5
"""One late stamp is a busy machine; so many in a row are sound that was lost."""
_LEAST_GAIN = 0.01
_MOST_BACK_NS = 2 * NS_PER_MS


class Timeline:
    """First-order delay-locked loop over the measured stamps of one device, at its own sample rate.

    Single stamps jitter by 10 ms and more on a busy machine; samples do not. Lost sound, a jump of 40 ms or more that
    lasts, is taken over at once; less is noise or clock drift, followed with a time constant of 100 runs (at 20 ms and
    200 ppm it stays 0.4 ms behind). After F. Adriaensen, Using a DLL to filter time, 2005.
    """

    def __init__(self, rate_hz: int) -> None:
        self.rate_hz = rate_hz
        self._next_ns: int | None = None
        self._steps = 0
        self._ahead: list[int] = []

    def step(self, measured_ns: int, samples: int) -> int:
        """The stamp of a run of `samples` whose first sample was measured at `measured_ns`. Never goes back."""
        expected_ns = measured_ns if self._next_ns is None else self._next_ns
        error_ns = measured_ns - expected_ns
        self._steps += 1
        if error_ns <= _JUMP_NS:
            self._ahead.clear()
            gain = max(_LEAST_GAIN, 1.0 / self._steps)
            t_ns = expected_ns + max(-_MOST_BACK_NS, round(gain * error_ns))
        else:
            self._ahead.append(error_ns)
            t_ns = expected_ns + (self._jump() if len(self._ahead) == _JUMP_STEPS else 0)
        self._next_ns = t_ns + samples * NS_PER_S // self.rate_hz
        return t_ns

    def _jump(self) -> int:
        """The least of the recent errors: the others were late as well."""
        least_ns = min(self._ahead)
        self._ahead.clear()
        return least_ns
