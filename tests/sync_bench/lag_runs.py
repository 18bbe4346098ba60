"""Runs whose lag is known: everybody, shifted by known amounts, under one condition after the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engines.progress import progress
from tests.sync_bench.clips import Clip
from tests.sync_bench.duo import two_faces
from tests.sync_bench.measures import Reading, readings
from tests.sync_bench.speaker import pairs
from tests.sync_bench.stream import Stream
from tests.sync_bench.studio import Condition, Studio
from tests.sync_bench.walk import Walk

Runs = list[tuple[list[Reading], float]]
"""Each run's readings, and the constant of its person in ms."""


class LagRuns:
    """Walks streams; what each person's constant is, is found first, unshifted and clean."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.unshifted = {
            name: readings(Walk(studio.stream(name)).moments()) for name in progress(studio.people, "people unshifted")
        }
        last = {name: _last_ms(found) for name, found in self.unshifted.items()}
        known = [value for value in last.values() if value is not None]
        self.pooled_ms = float(np.mean(known)) if known else 0.0
        """The mean of all people's; it also stands in for who has no estimate."""
        self.own_ms = {name: self.pooled_ms if value is None else value for name, value in last.items()}

    def under(self, condition: Condition, shifts_ms: Sequence[int]) -> Runs:
        """Everybody's clips, again and again."""
        found: Runs = []
        for name, own_ms in progress(self.own_ms.items(), condition.name, len(self.own_ms)):
            found += _walked(self.studio.stream(name, condition), shifts_ms, own_ms)
        return found

    def beside(self, words: str, shifts_ms: Sequence[int], *, still: bool) -> Runs:
        """Everybody beside the next one in the list."""
        found: Runs = []
        for pair in progress(pairs(self.studio, (1,), still=still), words):
            stream = two_faces(self.studio, pair, self.studio.seconds)
            found += _walked(stream, shifts_ms, self.own_ms[pair.speaker])
        return found

    def unlooped(self, shifts_ms: Sequence[int], every: int) -> Runs:
        """Those with many clips, each clip once, beginning with the first, the `every`th after it, and so on."""
        found: Runs = []
        for name, own_ms in progress(self.own_ms.items(), "not looped", len(self.own_ms)):
            clips = self.studio.people[name]
            for first in range(0, len(clips) if len(clips) > 2 else 0, every):
                stream = self.studio.made([*clips[first:], *clips[:first]])
                found += _walked(stream, shifts_ms, own_ms)
        return found

    def other_clips(self, shifts_ms: Sequence[int]) -> Runs:
        """Those with several clips: a part of them shifted, the constant from the others."""
        found: Runs = []
        for name in progress(self.own_ms, "other clips", len(self.own_ms)):
            halves = self._halves(name)
            for place, stream in enumerate(halves):
                constant = _last_ms(readings(Walk(halves[1 - place]).moments()))
                if constant is not None:
                    found += _walked(stream, shifts_ms, constant)
        return found

    def _halves(self, name: str) -> list[Stream]:
        clips = self.studio.people[name]
        parts: list[list[Clip]] = [clips[::2], clips[1::2]] if len(clips) > 1 else []
        return [self.studio.made(part, seconds=self.studio.seconds) for part in parts]


def _walked(stream: Stream, shifts_ms: Sequence[int], own_ms: float) -> Runs:
    return [(readings(Walk(stream.shifted(shift_ms)).moments()), own_ms) for shift_ms in shifts_ms]


def _last_ms(found: Sequence[Reading]) -> float | None:
    return found[-1].error_ms if found else None
