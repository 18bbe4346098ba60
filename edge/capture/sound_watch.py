"""Finds the live microphone whose sound comes but is none: too silent, too old, full of holes, at another rate."""

from __future__ import annotations

from collections import deque
from typing import Protocol, runtime_checkable

import numpy as np

from edge.capture.fault import Fault
from edge.capture.lasting import Lasting
from edge.clock import NS_PER_MS, NS_PER_S
from edge.samples import Chunk

SILENT_AFTER_NS = 2 * NS_PER_S
MOST_SILENT_AFTER_NS = 64 * NS_PER_S
LATE_NS = NS_PER_S // 2
LATE_AFTER_NS = 2 * NS_PER_S
TIMELY_AFTER_NS = NS_PER_S
HOLE_NS = 30 * NS_PER_MS
HOLES_FROM = 3
HOLES_SPAN_NS = 10 * NS_PER_S
_SETTLE_NS = 12 * NS_PER_S
"""Holes of a stream at a rate that is not yet known, or of a run that is still loading, prove nothing."""
_HOLES_APART_NS = NS_PER_S // 2

SILENT = Fault("its sound is perfectly silent: it is muted, or nothing is connected to it")
STUCK = Fault("its samples are all the same: nothing is connected to it, or it is broken")
NO_NUMBERS = Fault("its samples are no numbers", masks=True, reopens=True)
DELAYED = Fault("its sound comes more than 0.5 s late")
LATE = Fault(DELAYED.words, reopens=True)
HOLES = Fault("its sound has holes: the machine or the sound system cannot keep up")


@runtime_checkable
class Rated(Protocol):
    """A microphone that counts its samples."""

    @property
    def rate_fault(self) -> str | None:
        """What is wrong with its sample rate, in words that follow its name."""
        ...


class SoundWatch:
    """A Watch[Chunk]: `step` gives the fault of the microphone as of this sound.

    Silent or stuck: all samples have been the same for 2 s. A microphone's own noise, and the dither of a driver that
    converts, make no two samples in a row equal for long; zeros are what a muted or absent one is replaced by. It may
    be muted on purpose, so it is not opened again, and nothing is hidden. One that falls silent between sentences (a
    headset with a noise gate) is learned: each time the sound comes back, the next silence must last twice as long.

    Late: older than 0.5 s on arrival for 2 s. Its stamps are true, so it is passed on and windows take of it what
    they can. Sound that was timely before has piled up somewhere, and an opening clears that (LATE); what has been
    late since the opening is the device's own way (DELAYED).

    Holes: sound was lost three times within 10 s, whoever lost it. It is over after 10 s without. Those of the first
    12 s are not counted: the sample rate may still turn out to be another one.
    """

    def __init__(self, device: object = None) -> None:
        """`device` is asked for its sample rate if it knows (Rated)."""
        self._rated = device if isinstance(device, Rated) else None
        self._level: float | None = None
        self._silent = Lasting(SILENT_AFTER_NS, 0)
        self._was_silent = False
        self._late = Lasting(LATE_AFTER_NS, TIMELY_AFTER_NS)
        self._was_timely = False
        self._began_ns: int | None = None
        self._end_ns: int | None = None
        self._holes: deque[int] = deque()
        self._losing = False

    def reopened(self) -> None:
        """The microphone was opened again; what was wrong before lasts until its sound shows otherwise."""
        self._was_timely = False
        self._began_ns = self._end_ns = None
        self._silent.begins_ns = SILENT_AFTER_NS

    def step(self, chunk: Chunk) -> Fault | None:
        """What is wrong as of this sound: what hides samples first, then what may heal."""
        now_ns = chunk.arrived_ns
        late = self._late.step(self._is_late(chunk), now_ns)
        silent = self._is_silent(chunk)
        losing = self._has_holes(chunk)
        if not np.isfinite(chunk.samples).all():
            return NO_NUMBERS
        if late:
            return LATE if self._was_timely else DELAYED
        if silent:
            return STUCK if self._level else SILENT
        if self._rated is not None and self._rated.rate_fault is not None:
            return Fault(self._rated.rate_fault)
        return HOLES if losing else None

    def _is_late(self, chunk: Chunk) -> bool:
        late = chunk.arrived_ns - chunk.end_ns > LATE_NS
        self._was_timely = self._was_timely or not late
        return late

    def _is_silent(self, chunk: Chunk) -> bool:
        before, self._was_silent = self._was_silent, self._silent.step(self._is_level(chunk), chunk.arrived_ns)
        if before and not self._was_silent:
            self._silent.begins_ns = min(MOST_SILENT_AFTER_NS, 2 * self._silent.begins_ns)
        return self._was_silent

    def _is_level(self, chunk: Chunk) -> bool:
        """Whether all samples equal the last one before."""
        if len(chunk.samples) == 0:
            return False
        before, self._level = self._level, float(chunk.samples[-1])
        level = bool(chunk.samples.min() == chunk.samples.max())
        return level and (before is None or before == self._level)

    def _has_holes(self, chunk: Chunk) -> bool:
        now_ns = chunk.arrived_ns
        if self._began_ns is None:
            self._began_ns = now_ns
        hole = self._end_ns is not None and chunk.t_ns - self._end_ns > HOLE_NS
        hole = hole and now_ns - self._began_ns > _SETTLE_NS
        self._end_ns = chunk.end_ns
        if hole and (not self._holes or now_ns - self._holes[-1] > _HOLES_APART_NS):
            self._holes.append(now_ns)
        while self._holes and self._holes[0] < now_ns - HOLES_SPAN_NS:
            self._holes.popleft()
        self._losing = len(self._holes) >= HOLES_FROM or (self._losing and bool(self._holes))
        return self._losing
