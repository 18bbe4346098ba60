"""Whether a mouth moves, and how likely it moves without being heard: it chews, or talks to somebody else."""

from __future__ import annotations

import math

import numpy as np

from edge.sync.signals import Channels

MOTION_COLUMN = 2
MOVING_MEAN, MOVING_SD = -2.18, 0.28
STILL_MEAN, STILL_SD = -2.87, 0.24
"""Normal distributions of the logarithm of motion, of speakers while they speak and of people who listen.

Fitted, with agreement's GAIN and OFFSET, on real talking faces by `python -m tests.speaker_bench`.
"""
MOST_DEVIATION = 4.0
"""Standard deviations beyond which nothing is less likely: a picture that hangs for a moment is not beyond doubt."""
RECENT_POINTS = 40
USUALLY_MOVES = 0.3
"""Probability that a mouth that is not heard moves all the same, as long as nothing else is known of it."""
CHANGE = 0.03
"""Probability per tick that a mouth that is not heard begins or ends to move."""
OVERLAP = 0.5
"""Two ticks share half of the recent points: each counts half."""


class MouthMode:
    """The probability that this mouth, if it is not the one that is heard, moves all the same."""

    def __init__(self) -> None:
        self.moves = USUALLY_MOVES

    def step(self, mouth: Channels, ticks: float) -> float:
        """Logarithm of the likelihood ratio of speaking against not, by the newest motion of `mouth` (n, C).

        A mouth that moves may speak or not, one that is still does not. What `ticks` (of 200 ms) brought is counted.
        """
        motion = recent_motion(mouth)
        if motion is None or ticks <= 0:
            return 0.0
        # Beyond the means nothing is more like speech, or more like a still mouth, than at them.
        moving = _log_normal(min(motion, MOVING_MEAN), MOVING_MEAN, MOVING_SD)
        still = _log_normal(max(motion, STILL_MEAN), STILL_MEAN, STILL_SD)
        weight = OVERLAP * min(ticks, 2.0)
        moves = self.moves + (1.0 - (1.0 - CHANGE) ** ticks) * (USUALLY_MOVES - self.moves)
        speaking = math.exp(weight * moving)
        silent = moves * speaking + (1.0 - moves) * math.exp(weight * still)
        self.moves = moves * speaking / silent
        return math.log(speaking / silent)


def recent_motion(mouth: Channels) -> float | None:
    """Mean logarithm of motion of the newest RECENT_POINTS; None where less than a quarter of them is known."""
    recent = mouth[-RECENT_POINTS:, MOTION_COLUMN]
    known = recent[np.isfinite(recent)]
    return float(known.mean()) if len(known) >= RECENT_POINTS // 4 else None


def _log_normal(value: float, mean: float, sd: float) -> float:
    return -0.5 * min(abs(value - mean) / sd, MOST_DEVIATION) ** 2 - math.log(sd)
