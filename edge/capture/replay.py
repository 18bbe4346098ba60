"""Files as live devices: the same protocols, at the file's own pace, with stamps of CLOCK_MONOTONIC."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Generic, TypeVar

from edge.capture import media
from edge.capture.source import EndOfStream
from edge.clock import NS_PER_MS, NS_PER_S, Clock, MonotonicClock
from edge.errors import DeviceError
from edge.samples import RATE_HZ, Chunk, Frame, StampKind

T = TypeVar("T", Frame, Chunk)

_LATE_NS = 200 * NS_PER_MS
"""A picture later than this is passed over, as a camera would lose it; one a second still comes through."""


class Pace:
    """The clock that all replayed files of one run share: one origin, one period.

    The origin is the moment at which the first of them opens, and it holds until the last one closes;
    `period_s` is how long one round of the loop takes.
    """

    def __init__(self, period_s: float, clock: Clock | None = None) -> None:
        self.period_ns = max(round(period_s * NS_PER_S), NS_PER_MS)
        self.clock = clock or MonotonicClock()
        self._origin_ns = 0
        self._players = 0
        self._lock = threading.Lock()

    def join(self) -> int:
        """The origin in monotonic nanoseconds, now if nobody plays yet."""
        with self._lock:
            if self._players == 0:
                self._origin_ns = self.clock.now_ns()
            self._players += 1
            return self._origin_ns

    def leave(self) -> None:
        """One player fewer."""
        with self._lock:
            self._players -= 1


class _Replay(Generic[T]):
    """What the two kinds of file have in common: waiting until an item is due."""

    live = False

    def __init__(self, path: Path, pace: Pace, *, loop: bool) -> None:
        self.name = str(path)
        self._path = path
        self._pace = pace
        self._loop = loop
        self._origin_ns = 0
        self._items: Iterator[T] | None = None
        self._pending: T | None = None
        self._lock = threading.Lock()

    def open(self) -> None:
        """Begin at the file's start, or where the other player of the same file is by now."""
        self.close()
        with self._lock:
            self._origin_ns = self._pace.join()
            late_ns = self._pace.clock.now_ns() - self._origin_ns
            self._items = self._walk(late_ns if late_ns > NS_PER_S else 0)

    def read(self, timeout_s: float) -> T | None:
        """The next item once it is due. Raises EndOfStream after the last one."""
        clock = self._pace.clock
        deadline_ns = clock.now_ns() + round(timeout_s * NS_PER_S)
        with self._lock:
            item = self._pending = self._pending or self._next()
        if item.arrived_ns > deadline_ns:
            clock.sleep_until_ns(deadline_ns)
            return None
        clock.sleep_until_ns(item.arrived_ns)
        with self._lock:
            self._pending = None
        return replace(item, arrived_ns=clock.now_ns())

    @property
    def overflows(self) -> int:
        """A file waits for its reader."""
        return 0

    def presence(self) -> None:
        """A file is there or not: nobody waits for one."""

    def close(self) -> None:
        """Forget the position."""
        with self._lock:
            if self._items is not None:
                self._items, self._pending = None, None
                self._pace.leave()

    def _next(self) -> T:
        if self._items is None:
            raise DeviceError(f"File {self.name!r} is not open.")
        item = next(self._items, None)
        if item is None:
            raise EndOfStream(f"File {self.name!r} has been played to its end.")
        return item

    def _walk(self, late_ns: int) -> Iterator[T]:
        """All items with monotonic stamps, round after round; `arrived_ns` is when they are due."""
        period_ns, seq = self._pace.period_ns, 0
        rounds, start_ns = divmod(late_ns, period_ns) if self._loop else (0, late_ns)
        while True:
            zero_ns = self._origin_ns + rounds * period_ns
            before = seq
            for item in self._round(start_ns, zero_ns):
                yield replace(item, t_ns=zero_ns + item.t_ns, arrived_ns=zero_ns + item.arrived_ns, seq=seq)
                seq += 1
            if not self._loop or (seq == before and start_ns == 0):
                return
            rounds, start_ns = rounds + 1, 0

    def _round(self, start_ns: int, zero_ns: int) -> Iterator[T]:
        raise NotImplementedError


class FileVideo(_Replay[Frame]):
    """The picture of a file, as a camera."""

    stamp_kind: StampKind = "sensor"
    """A file's stamps are exact: those of its own clock."""

    def __init__(self, path: Path, pace: Pace, *, loop: bool = False) -> None:
        super().__init__(path, pace, loop=loop)
        self.skipped = 0
        """Pictures passed over because decoding could not keep up."""
        self._shown_ns = 0

    def _round(self, start_ns: int, zero_ns: int) -> Iterator[Frame]:
        period_ns = self._pace.period_ns

        def in_time(t_ns: int) -> bool:
            now_ns = self._pace.clock.now_ns()
            if now_ns - (zero_ns + t_ns) > _LATE_NS and now_ns - self._shown_ns < NS_PER_S:
                self.skipped += 1
                return False
            self._shown_ns = now_ns
            return True

        for frame in media.frames(self._path, start_ns=start_ns, wanted=in_time):
            if self._loop and frame.t_ns >= period_ns:
                return
            yield frame


class FileAudio(_Replay[Chunk]):
    """The sound of a file, as a microphone."""

    def __init__(
        self, path: Path, pace: Pace, *, loop: bool = False, chunk_ms: int = 20, has_sound: bool = True
    ) -> None:
        super().__init__(path, pace, loop=loop)
        self._chunk_ms = chunk_ms
        self._has_sound = has_sound

    def open(self) -> None:
        """As for the picture. Raises DeviceError when the file has no sound, so that a run goes on without."""
        if not self._has_sound:
            raise DeviceError(f"File {self.name!r} holds no sound: give one that does, or --mic none.")
        super().open()

    def _round(self, start_ns: int, zero_ns: int) -> Iterator[Chunk]:  # noqa: ARG002  (never late: sound decodes fast)
        period_ns = self._pace.period_ns
        for chunk in media.chunks(self._path, chunk_ms=self._chunk_ms, start_ns=start_ns):
            if self._loop and chunk.end_ns > period_ns:
                # The next round begins here: sound beyond it would overlap.
                left = max(0, period_ns - chunk.t_ns) * RATE_HZ // NS_PER_S
                if left:
                    yield replace(chunk, samples=chunk.samples[:left], arrived_ns=period_ns)
                return
            yield chunk
