"""Keeps one source open and its double buffer filled: a lost device is opened again, with back-off."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from edge.buffers import DoubleBuffer
from edge.capture.source import EndOfStream
from edge.clock import NS_PER_S, Clock
from edge.errors import EdgeError
from edge.health import StreamHealth

LEAST_BACK_OFF_S = 0.5
MOST_BACK_OFF_S = 30.0
READ_TIMEOUT_S = 0.25
SILENT_AFTER_S = 1.0
REOPEN_AFTER_S = 5.0

T = TypeVar("T")
Item_co = TypeVar("Item_co", covariant=True)


class Source(Protocol[Item_co]):
    """What a feed needs of a camera or microphone."""

    name: str
    live: bool

    def open(self) -> None:
        """Raises EdgeError with the reason when it cannot be had now."""
        ...

    def read(self, timeout_s: float) -> Item_co | None:
        """The next sample; None when none comes in time."""
        ...

    def close(self) -> None:
        """Release the device."""
        ...


class Guard(Protocol[T]):
    """What a feed needs of whoever looks at the time stamps."""

    restarted: bool
    by_arrival: str | None

    @property
    def fault(self) -> str | None:
        """What is wrong with the stream's time, in words that follow its name."""
        ...

    def step(self, item: T, /) -> T | None:
        """The sample with a believable stamp, None when it must be left out."""
        ...

    def reopened(self) -> None:
        """The device was opened again."""
        ...


class Feed(Generic[T]):
    """`step` is for a stage. `on_open` runs after each opening and at each new time base, before its first sample."""

    def __init__(
        self,
        source: Source[T],
        buffer: DoubleBuffer[T],
        health: StreamHealth,
        clock: Clock,
        on_open: Callable[[], None],
        guard: Guard[T] | None = None,
    ) -> None:
        self.source = source
        self.buffer = buffer
        self.health = health
        self.ended = threading.Event()
        """A file came to its end, or can never be opened."""
        self.end_ns: int | None = None
        """When a file came to its end; None for one that could never be opened."""
        self._clock = clock
        self._on_open = on_open
        self._guard = guard
        self._wanted = threading.Event()
        self._wanted.set()
        self._changed = threading.Event()
        self._is_open = False
        self._failures = 0
        self._last_ns = 0

    def want(self, wanted: bool) -> None:
        """Take or release the device; the step in progress ends within READ_TIMEOUT_S."""
        if wanted:
            self._wanted.set()
        else:
            self._wanted.clear()
        self._changed.set()

    @property
    def delivering(self) -> bool:
        """Whether samples can be waited for: the device is open and was not silent for SILENT_AFTER_S."""
        return self._is_open and self._clock.now_ns() - self._last_ns <= SILENT_AFTER_S * NS_PER_S

    def open(self) -> None:
        """Open now. Raises the source's error."""
        self.source.open()
        if self._guard is not None:
            self._guard.reopened()
        self._on_open()
        self._last_ns = self._clock.now_ns()
        self._is_open = True

    def step(self) -> None:
        """Open what is closed, read one sample, or wait a little."""
        if not self._wanted.is_set():
            self.close()
            self.health.become("disabled", reason="switched off")
            self._pause(0.1)
        elif self.ended.is_set():
            self._pause(0.1)
        elif self._is_open or self._try_open():
            self._read()

    def close(self) -> None:
        """Release the device."""
        if self._is_open:
            self._is_open = False
            self.source.close()

    def _try_open(self) -> bool:
        try:
            self.open()
        except EdgeError as error:
            self._failed(error)
            return False
        return True

    def _read(self) -> None:
        try:
            item = self.source.read(READ_TIMEOUT_S)
        except EndOfStream:
            self.close()
            self.end_ns = self._clock.now_ns()
            self.ended.set()
            self.health.become("offline", reason=f"{self.source.name} has come to its end")
            return
        except EdgeError as error:
            self.close()
            self.health.reconnected(self._clock.now_ns())
            self._failed(error)
            return
        now_ns = self._clock.now_ns()
        if item is not None:
            self._failures = 0
            self._last_ns = now_ns
            self.health.delivered(now_ns)
            self._pass_on(item)
        elif now_ns - self._last_ns > REOPEN_AFTER_S * NS_PER_S and self.source.live:
            self.close()
            self.health.reconnected(now_ns)
            self._failed(EdgeError(f"{self.source.name} delivered nothing for {REOPEN_AFTER_S:.0f} s"))
        elif now_ns - self._last_ns > SILENT_AFTER_S * NS_PER_S:
            self.health.become("degraded", reason=f"{self.source.name} delivers nothing at the moment")

    def _pass_on(self, item: T) -> None:
        guard = self._guard
        if guard is None:
            self.buffer.put(item)
            self.health.become("online", **self._detail())
            return
        believed = guard.step(item)
        if guard.restarted:
            self._on_open()
        if believed is not None:
            self.buffer.put(believed)
        detail = self._detail()
        if guard.fault is not None:
            detail["reason"] = f"{self.source.name}: {guard.fault}"
        if guard.by_arrival is not None and "stamp_kind" in detail:
            detail["stamp_kind"] = "arrival"
        self.health.become("online" if guard.fault is None else "degraded", **detail)

    def _failed(self, error: EdgeError) -> None:
        """Say why, and wait before the next try; a file that cannot be opened will not heal."""
        self.health.become("offline", reason=str(error))
        if not self.source.live:
            self.ended.set()
            return
        wait_s = min(MOST_BACK_OFF_S, LEAST_BACK_OFF_S * 2.0**self._failures)
        self._failures = min(self._failures + 1, 16)
        self._pause(wait_s)

    def _pause(self, wait_s: float) -> None:
        if self._changed.wait(wait_s):
            self._changed.clear()

    def wake(self) -> None:
        """End a back-off early: the run is stopping."""
        self._changed.set()

    def _detail(self) -> dict[str, Any]:
        detail: dict[str, Any] = {"reason": None, "source": self.source.name}
        stamps = getattr(self.source, "stamp_kind", None)
        if stamps is not None:
            detail["stamp_kind"] = stamps
        return detail
