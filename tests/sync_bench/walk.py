"""A stream through the device's own Aligner, in the order of arrival and without threads; everything said is kept."""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from edge.clock import NS_PER_MS, NS_PER_S
from edge.samples import FaceFrame, SoundFrames, Window
from edge.sync.aligner import Aligner
from tests.sync_bench.stream import Stream

TICK_NS = 200 * NS_PER_MS
SETTLED_NS = 200 * NS_PER_MS
LAG_EVERY = 5
_HALF_ANALYSIS_NS = 15 * NS_PER_MS


@dataclass(frozen=True)
class Moment:
    """What is published of the lag at one moment, and the truth beside it."""

    end_ns: int
    speech_s: float
    true_lag_ms: float
    lag_ms: float | None
    ci_ms: float | None
    drift_ppm: float | None

    @property
    def error_ms(self) -> float | None:
        """Estimate − truth; a person's own constant is still in it. None while nothing is estimated."""
        return None if self.lag_ms is None else self.lag_ms - self.true_lag_ms


@dataclass(frozen=True)
class Tick(Moment):
    """The same with the window that was made then."""

    window: Window


@dataclass
class Spent:
    """CPU seconds of this thread in edge.sync."""

    taking_in: float = 0.0
    windows: float = 0.0
    estimator: float = 0.0
    live_s: float = 0.0
    """Seconds of live input that they were spent on."""


@dataclass
class Walk:
    """Steps one stream through `aligner`; `spent` adds up what that costs."""

    stream: Stream
    aligner: Aligner = field(default_factory=Aligner)
    spent: Spent = field(default_factory=Spent)
    begin_ns: int = 0

    def ticks(self, until: Callable[[Tick], bool] | None = None) -> Iterator[Tick]:
        """Every 200 ms one, from the first whole second on (or `begin_ns`), until `until` says that it is enough."""
        for number in self._numbers():
            tick = self._tick(number)
            yield tick
            if until is not None and until(tick):
                return

    def moments(self) -> Iterator[Moment]:
        """Every second one, without making windows: the estimator does not ask who owns the voice."""
        for number in self._numbers():
            if number % LAG_EVERY == 0:
                self._estimate(number * TICK_NS)
                yield Moment(*self._known(number * TICK_NS))

    def _numbers(self) -> Iterator[int]:
        """Ticks, as soon as all that came until then was taken in."""
        number = max(NS_PER_S, self.begin_ns) // TICK_NS
        for now_ns, item in _merged(self.stream):
            while number * TICK_NS <= now_ns - SETTLED_NS:
                self.spent.live_s += TICK_NS / NS_PER_S
                yield number
                number += 1
            self._take(item)

    def _take(self, item: FaceFrame | SoundFrames) -> None:
        begun = time.thread_time()
        if isinstance(item, FaceFrame):
            self.aligner.add_faces(item)
        else:
            self.aligner.add_sound(item)
        self.spent.taking_in += time.thread_time() - begun

    def _tick(self, number: int) -> Tick:
        end_ns = number * TICK_NS
        begun = time.thread_time()
        window = self.aligner.window(number, end_ns, end_ns + SETTLED_NS)
        self.spent.windows += time.thread_time() - begun
        if number % LAG_EVERY == 0:
            self._estimate(end_ns)
        return Tick(*self._known(end_ns), window)

    def _estimate(self, end_ns: int) -> None:
        begun = time.thread_time()
        self.aligner.estimate_lag(end_ns)
        self.spent.estimator += time.thread_time() - begun

    def _known(self, end_ns: int) -> tuple[int, float, float, float | None, float | None, float | None]:
        lag, stream = self.aligner.lag, self.stream
        return end_ns, stream.speech_s(end_ns), stream.true_lag_ms(end_ns), lag.lag_ms, lag.ci_ms, lag.drift_ppm


def _merged(stream: Stream) -> Iterator[tuple[int, FaceFrame | SoundFrames]]:
    """Both streams in the order in which they would have arrived."""
    pictures: Iterator[tuple[int, FaceFrame | SoundFrames]] = ((frame.t_ns, frame) for frame in stream.faces)
    sounds: Iterator[tuple[int, FaceFrame | SoundFrames]] = (
        (int(run.t_ns[-1]) + _HALF_ANALYSIS_NS, run) for run in stream.sound
    )
    return heapq.merge(pictures, sounds, key=lambda entry: entry[0])
