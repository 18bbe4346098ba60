"""The last seconds of sound and of motion, in which claps are looked for."""

from __future__ import annotations

from collections import deque

import numpy as np

from edge.calibrate.clap import HeardClap, SeenClap
from edge.calibrate.heard import heard_claps
from edge.calibrate.motion import Motion, MotionMeter
from edge.calibrate.seen import seen_claps
from edge.clock import NS_PER_S
from edge.samples import RATE_HZ, Chunk, Frame

SPAN_NS = 30 * NS_PER_S


class Tape:
    """Older than SPAN_NS is forgotten."""

    def __init__(self) -> None:
        self._meter = MotionMeter()
        self._motions: deque[Motion] = deque()
        self._chunks: deque[Chunk] = deque()

    @property
    def end_ns(self) -> int | None:
        """Up to where both picture and sound are known; None before they are."""
        if not self._motions or not self._chunks:
            return None
        return min(self._motions[-1].t_ns, self._chunks[-1].end_ns)

    def add_frame(self, frame: Frame) -> None:
        """A picture; one whose stamp does not rise is passed over."""
        if self._motions and frame.t_ns <= self._motions[-1].t_ns:
            return
        self._motions.append(self._meter.step(frame))
        while frame.t_ns - self._motions[0].t_ns > SPAN_NS:
            self._motions.popleft()

    def add_chunk(self, chunk: Chunk) -> None:
        """A run of sound."""
        if len(chunk.samples):
            self._chunks.append(chunk)
        while self._chunks and chunk.end_ns - self._chunks[0].t_ns > SPAN_NS:
            self._chunks.popleft()

    def seen(self) -> list[SeenClap]:
        """Claps in the picture, in order."""
        return seen_claps(list(self._motions))

    def heard(self) -> list[HeardClap]:
        """Claps in the sound, in order, each dated by its own chunk: sound that was lost moves nothing."""
        if not self._chunks:
            return []
        chunks = list(self._chunks)
        starts = np.cumsum([0] + [len(chunk.samples) for chunk in chunks])
        claps: list[HeardClap] = []
        for onset, level_db in heard_claps(np.concatenate([chunk.samples for chunk in chunks])):
            number = int(np.searchsorted(starts, onset, "right")) - 1
            into_ns = (onset - int(starts[number])) * NS_PER_S // RATE_HZ
            claps.append(HeardClap(chunks[number].t_ns + into_ns, level_db))
        return claps
