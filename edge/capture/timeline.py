"""Even stamps for sound: the samples count the time, the sound card's stamps only correct it."""

from __future__ import annotations

from edge.clock import NS_PER_MS, NS_PER_S

_JUMP_NS = 40 * NS_PER_MS
_LEAST_GAIN = 0.05
_MOST_BACK_NS = 2 * NS_PER_MS


class Timeline:
    """First-order delay-locked loop over the measured stamps of one device, at its own sample rate.

    Single stamps jitter by milliseconds; samples do not. Sound that was lost shows as a jump of 40 ms or more, which
    is taken over at once; less is noise or clock drift and is followed with a time constant of 20 chunks
    (a drift of 200 ppm is then tracked within 0.1 ms). After F. Adriaensen, Using a DLL to filter time, 2005.
    """

    def __init__(self, rate_hz: int) -> None:
        self.rate_hz = rate_hz
        self._next_ns: int | None = None
        self._steps = 0

    def step(self, measured_ns: int, samples: int) -> int:
        """The stamp of a run of `samples` whose first sample was measured at `measured_ns`. Never goes back."""
        self._steps += 1
        if self._next_ns is None or measured_ns - self._next_ns > _JUMP_NS:
            t_ns = measured_ns
            self._steps = 1
        else:
            gain = max(_LEAST_GAIN, 1.0 / self._steps)
            t_ns = self._next_ns + max(-_MOST_BACK_NS, round(gain * (measured_ns - self._next_ns)))
        self._next_ns = t_ns + samples * NS_PER_S // self.rate_hz
        return t_ns
