"""Which moment belongs to which sample: the sample count gives the rhythm, the chunks' stamps correct it slowly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.samples import RATE_HZ

NS_PER_SAMPLE = 1_000_000_000 / RATE_HZ
GAP_NS = 30_000_000
SETTLE_NS = 2_000_000_000
MAX_SLEW = 0.05
MAX_STEP_NS = 500_000


class Timeline:
    """Samples since the stream's start to t_ns. Jitter is smoothed over 2 s, drift is followed."""

    def __init__(self, t_ns: int) -> None:
        self._anchor_sample = 0
        self._anchor_ns = float(t_ns)
        self._heard_ns = 0.0

    def t_ns(self, samples: NDArray[np.int64]) -> NDArray[np.int64]:
        """The moments of samples, by their numbers since the stream's start."""
        moments = self._anchor_ns + (samples - self._anchor_sample) * NS_PER_SAMPLE
        return np.asarray(np.rint(moments), np.int64)

    def _expected_ns(self, sample: int) -> float:
        return self._anchor_ns + (sample - self._anchor_sample) * NS_PER_SAMPLE

    def is_gap(self, sample: int, t_ns: int) -> bool:
        """Whether the stamp of this next sample is so far off that sound must be missing, or comes twice."""
        return abs(t_ns - self._expected_ns(sample)) > GAP_NS

    def correct(self, sample: int, t_ns: int) -> None:
        """Take the stamp of the next chunk's first sample; later stamps move by at most 0.5 ms and 5 %."""
        expected_ns = self._expected_ns(sample)
        passed_ns = (sample - self._anchor_sample) * NS_PER_SAMPLE
        self._heard_ns = min(self._heard_ns + passed_ns, float(SETTLE_NS))
        gain = passed_ns / self._heard_ns if self._heard_ns else 0.0
        limit_ns = min(MAX_STEP_NS, MAX_SLEW * passed_ns)
        self._anchor_ns = expected_ns + max(-limit_ns, min(limit_ns, gain * (t_ns - expected_ns)))
        self._anchor_sample = sample
