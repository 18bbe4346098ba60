"""Time stamps that cannot be believed are found before anything is aligned by them."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import replace
from typing import Generic, TypeVar

import numpy as np

from edge.clock import NS_PER_MS, NS_PER_S
from edge.samples import Chunk, Frame
from edge.sync.rhythm import Rhythm

EARLY_NS = 100 * NS_PER_MS
LATE_NS = NS_PER_S
"""A live sample is captured before it arrives, and no older than a window is long: later it is of no use."""
PILED_UP_NS = 10 * NS_PER_S
"""Sound that goes on where the last one ended is as old as it says, up to here: no sound system holds back more."""
CONSISTENT_NS = 250 * NS_PER_MS
PERSISTS = 5
PERSISTS_NS = 300 * NS_PER_MS
"""A new time base is believed after so many samples in a row that took so long to come: a burst proves nothing."""
HEALS_NS = NS_PER_S
RECENT_NS = 3 * NS_PER_S
FAULT_FROM = 3
RESYNC_NS = 100 * NS_PER_MS
SLEW_NS = NS_PER_MS

FAULTS = {
    "back": "its time stamps go back",
    "repeat": "its time stamps repeat",
    "ahead": "its time stamps lie in the future",
    "behind": "its time stamps lie far in the past",
}

S = TypeVar("S", Frame, Chunk)


class StampGuard(Generic[S]):
    """Between a source and whoever reads it: `step` gives each sample with a stamp that can be believed, or None.

    Believable is a stamp that is later than the last one and, from a live device, between LATE_NS before and EARLY_NS
    after its arrival: windows are asked for by CLOCK_MONOTONIC, so a stream on another clock has no place in them.
    Sound that has piled up, and came late without a hole, is on no other clock: dated anew it would be wrong.

    A single unbelievable picture is left out; sound is kept and dated by its length. When they persist:
    stamps that fit one another and the clock are a new time base, and believed (`restarted`); any others, such as
    those of a clock that is an hour off, are replaced by the moment of arrival less the delay that was usual before.
    Stamps that are good for HEALS_NS are believed again. `fault` says in a few words what is wrong meanwhile.
    """

    def __init__(self, *, live: bool, slow_hz: float | None = None) -> None:
        """A file (not `live`) may be read late: nothing but the order of its stamps is looked at."""
        self.unbelieved = 0
        """Samples whose stamps were not believed, so far."""
        self.restarted = False
        """Whether the last sample is the first of a new time base: what lies before it does not belong to it."""
        self.by_arrival: str | None = None
        """The kind of fault that makes the arrival decide; None while the stamps do."""
        self._live = live
        self._rhythm = Rhythm(slow_hz)
        self._recent: deque[tuple[int, str]] = deque(maxlen=256)
        self._delays_ns: deque[int] = deque(maxlen=64)
        self._faulty = False
        self.reopened()

    def reopened(self) -> None:
        """The device was opened again: it may have another clock now."""
        self.by_arrival = None
        self._last: S | None = None
        self._raw_ns: int | None = None
        self._raw_delay_ns = 0
        self._row = 0
        self._row_from_ns = 0
        self._bad = 0
        self._bad_from_ns = 0
        self._rhythm.reset()

    @property
    def fault(self) -> str | None:
        """What is wrong with the stream's time, in words that follow its name; None while nothing is."""
        if self.by_arrival is not None:
            return f"{FAULTS[self.by_arrival]}; it is aligned by arrival"
        if self._faulty:
            kind = Counter(kind for _, kind in self._recent).most_common(1)[0][0]
            return f"{FAULTS[kind]}; such samples are left out or dated anew"
        return self._rhythm.fault

    def step(self, item: S) -> S | None:
        """The sample with a stamp that can be believed; None when it must be left out."""
        delay_ns = _delay_ns(item)
        self._compare(item, delay_ns)
        kind = self._doubt(item, delay_ns)
        self.restarted = False
        self._rhythm.step(item.arrived_ns)
        dated = self._by_arrival(item, kind) if self.by_arrival is not None else self._by_stamp(item, kind)
        if kind is None and self.by_arrival is None and (delay_ns <= LATE_NS or not self._live):
            self._delays_ns.append(delay_ns)
        self._note(item.arrived_ns, kind)
        if dated is not None:
            self._last = dated
        return dated

    def _compare(self, item: S, delay_ns: int) -> None:
        """Count how many samples in a row fit one another."""
        fits = self._raw_ns is not None and self._raw_ns < item.t_ns
        if not fits or abs(delay_ns - self._raw_delay_ns) > CONSISTENT_NS:
            self._row, self._row_from_ns = 0, item.arrived_ns
        self._row += 1
        self._raw_ns, self._raw_delay_ns = item.t_ns, delay_ns

    def _doubt(self, item: S, delay_ns: int) -> str | None:
        if self._live and delay_ns < -EARLY_NS:
            return "ahead"
        if self._live and delay_ns > LATE_NS and not self._piled_up(item, delay_ns):
            return "behind"
        if self._last is None or self.by_arrival is not None or item.t_ns > self._last.t_ns:
            return None
        return "repeat" if item.t_ns == self._last.t_ns else "back"

    def _piled_up(self, item: S, delay_ns: int) -> bool:
        if self._last is None or isinstance(item, Frame) or delay_ns > PILED_UP_NS or self.by_arrival is not None:
            return False
        return abs(item.t_ns - self._last.t_ns - _length_ns(self._last)) < RESYNC_NS

    def _by_stamp(self, item: S, kind: str | None) -> S | None:
        if kind is None:
            self._bad = 0
            return item
        if not self._bad:
            self._bad_from_ns = item.arrived_ns
        self._bad += 1
        if self._bad < PERSISTS or item.arrived_ns - self._bad_from_ns < PERSISTS_NS:
            return self._carried_on(item)
        self.restarted = True
        self._bad = 0
        if kind == "back" and self._row >= PERSISTS:
            return item
        self.by_arrival = kind
        return self._dated(item)

    def _by_arrival(self, item: S, kind: str | None) -> S:
        steady_ns = item.arrived_ns - self._row_from_ns
        if kind is None and self._row >= PERSISTS and steady_ns >= HEALS_NS:
            self.by_arrival, self.restarted = None, True
            return item
        return self._dated(item)

    def _carried_on(self, item: S) -> S | None:
        """Sound goes on where it was, by its length; a picture has no length and is left out."""
        if isinstance(item, Frame):
            return None
        if self._last is None:
            return self._dated(item)
        return replace(item, t_ns=self._last.t_ns + _length_ns(self._last))

    def _dated(self, item: S) -> S:
        """The sample dated by its arrival; sound keeps its own rhythm where that is not far off."""
        usual_ns = int(np.median(self._delays_ns)) if self._delays_ns else 0
        t_ns = item.arrived_ns - _length_ns(item) - usual_ns
        if self._last is None:
            return replace(item, t_ns=t_ns)
        next_ns = self._last.t_ns + _length_ns(self._last)
        if isinstance(item, Chunk) and abs(t_ns - next_ns) < RESYNC_NS:
            t_ns = next_ns + max(-SLEW_NS, min(SLEW_NS, t_ns - next_ns))
        return replace(item, t_ns=max(t_ns, self._last.t_ns + 1))

    def _note(self, now_ns: int, kind: str | None) -> None:
        if kind is not None:
            self.unbelieved += 1
            self._recent.append((now_ns, kind))
        while self._recent and self._recent[0][0] < now_ns - RECENT_NS:
            self._recent.popleft()
        self._faulty = len(self._recent) >= FAULT_FROM or (self._faulty and bool(self._recent))


def _length_ns(item: Frame | Chunk) -> int:
    return item.end_ns - item.t_ns if isinstance(item, Chunk) else 0


def _delay_ns(item: Frame | Chunk) -> int:
    """From the end of the capture to the arrival."""
    return item.arrived_ns - item.t_ns - _length_ns(item)
