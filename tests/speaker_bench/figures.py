"""What the chooser makes of scenes: who is right how often, how steady and how soon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.clock import NS_PER_S
from edge.sync.agreement import TICK_POINTS
from edge.sync.signals import SIGNAL_RATE_HZ
from edge.sync.speaker import SpeakerChooser
from tests.speaker_bench.fit import SPAN_POINTS
from tests.speaker_bench.scene import NOBODY, TURN_POINTS, Scene

TICK_S = TICK_POINTS / SIGNAL_RATE_HZ
VOICED = 0.5
"""Least share of the last second with speech for a tick to count as a speaking one."""


@dataclass(frozen=True)
class Judged:
    """`owner` and `truth` (t,) of each tick, and which ticks are speaking ones; `fresh_s` (t,): new speech."""

    owner: NDArray[np.int64]
    truth: NDArray[np.int64]
    speaking: NDArray[np.bool_]
    fresh_s: NDArray[np.float64]

    @property
    def right(self) -> float:
        """Share of the speaking ticks."""
        return float((self.owner == self.truth)[self.speaking].mean())

    @property
    def wrong(self) -> float:
        """Share of the speaking ticks that give the voice to a face whose voice it is not."""
        return float(((self.owner != self.truth) & (self.owner != NOBODY))[self.speaking].mean())

    @property
    def swaps_per_min(self) -> float:
        """Changes from one face to another, with or without nobody in between."""
        owners = self.owner[self.owner != NOBODY]
        return float((np.diff(owners) != 0).sum()) / (len(self.owner) * TICK_S / 60)

    def first_s(self, begin: int = 0) -> float:
        """Seconds of speech from tick `begin` to the first right owner; all there are where none comes."""
        right = np.flatnonzero((self.owner == self.truth)[begin:] & (self.truth != NOBODY)[begin:])
        end = begin + int(right[0]) + 1 if len(right) else len(self.owner)
        return float(self.fresh_s[begin:end].sum())

    @property
    def switches_s(self) -> list[float]:
        """Seconds of speech from each turn's begin to the first right owner."""
        step = TURN_POINTS // TICK_POINTS
        return [self.first_s(begin) for begin in range(step, len(self.owner), step)] if len(set(self.truth)) > 1 else []


def judged(scene: Scene) -> Judged:
    """One scene through a fresh chooser."""
    chooser, owners, ends = SpeakerChooser(), [], range(TICK_POINTS, len(scene.truth) + 1, TICK_POINTS)
    for end in ends:
        span = slice(max(0, end - SPAN_POINTS), end)
        mouths = {track: mouth[span] for track, mouth in scene.mouths.items()}
        now_ns = end * NS_PER_S // SIGNAL_RATE_HZ
        owners.append(chooser.step(now_ns, mouths, scene.voice[span], scene.speech[span]) or NOBODY)
    share = [scene.speech[max(0, end - SIGNAL_RATE_HZ) : end].mean() for end in ends]
    fresh_s = [scene.speech[end - TICK_POINTS : end].mean() * TICK_S for end in ends]
    truth = [scene.truth[end - 1] for end in ends]
    return Judged(np.asarray(owners), np.asarray(truth), np.asarray(share) >= VOICED, np.asarray(fresh_s))


def row(runs: Sequence[Judged]) -> tuple[int, float, float, float, float | None, float | None]:
    """Runs, right %, wrong %, swaps a minute, median seconds of speech to the first right owner, and after a turn."""
    owned = [run for run in runs if (run.truth != NOBODY).all()]
    switches = [delay for run in runs for delay in run.switches_s]
    return (
        len(runs),
        100 * float(np.mean([run.right for run in runs])),
        100 * float(np.mean([run.wrong for run in runs])),
        float(np.mean([run.swaps_per_min for run in runs])),
        float(np.median([run.first_s() for run in owned])) if owned else None,
        float(np.median(switches)) if switches else None,
    )
