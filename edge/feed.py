"""Keeps one source open and its double buffer filled: a lost device is opened again, with back-off."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from edge.back_off import BackOff
from edge.buffers import DoubleBuffer
from edge.capture.fault import Fault, Watch
from edge.capture.source import EndOfStream, Source
from edge.clock import NS_PER_S, Clock
from edge.errors import EdgeError
from edge.guard import Guard
from edge.health import StreamHealth
from edge.relief import Relief
from edge.suspend import Lapse

READ_TIMEOUT_S = 0.25
LOOK_EVERY_S = 0.25
SILENT_AFTER_S = 1.0
REOPEN_AFTER_S = 5.0
_KINDS = {"video": "Camera", "audio": "Microphone"}

T = TypeVar("T")


class Feed(Generic[T]):
    """`step` is for a stage. `on_open` runs after each opening and at each new time base, before its first sample.

    A `watch` finds what is wrong with a live device although it delivers, a `guard` what is wrong with its time.
    """

    def __init__(
        self,
        source: Source[T],
        buffer: DoubleBuffer[T],
        health: StreamHealth,
        clock: Clock,
        on_open: Callable[[], None],
        guard: Guard[T] | None = None,
        watch: Watch[T] | None = None,
        silent_after_s: float = SILENT_AFTER_S,
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
        self._watch = watch
        self._silent_after_s = silent_after_s
        self._back_off = BackOff(clock, source.presence)
        self._relief = Relief(clock)
        self._wanted = threading.Event()
        self._wanted.set()
        self._anew = threading.Event()
        self._changed = threading.Event()
        self._is_open = False
        self._asked = False
        """Whether the source may hold anything: the device, or a question whether it is back."""
        self._came_ns = 0
        self._lapse = Lapse(clock)
        self._passed_ns = 0
        self._successors: deque[tuple[Source[T], Guard[T] | None, Watch[T] | None]] = deque()

    def want(self, wanted: bool) -> None:
        """Take or release the device; the step in progress ends within READ_TIMEOUT_S."""
        if wanted:
            self._wanted.set()
        else:
            self._wanted.clear()
        self._changed.set()

    def renew(self) -> None:
        """Close a live device and open it again soon: the machine has slept. Not counted as a reconnect."""
        if self.source.live:
            self._anew.set()
            self._changed.set()

    def replace(self, source: Source[T], guard: Guard[T] | None, watch: Watch[T] | None) -> None:
        """Another live device takes the place of this one with the next step. Not counted as a reconnect."""
        self._successors.append((source, guard, watch))
        self._changed.set()

    @property
    def delivering(self) -> bool:
        """Whether samples can be waited for: the device is open, and not silent, and what came was of use."""
        return self._is_open and self._clock.now_ns() - self._passed_ns <= self.health.pause_ns(
            self._came_ns, self._silent_after_s
        )

    def open(self) -> None:
        """Open now. Raises the source's error."""
        self._asked = True
        self.source.open()
        self._back_off.opened()
        if self._guard is not None:
            self._guard.reopened()
        if self._watch is not None:
            self._watch.reopened()
        self._on_open()
        self._came_ns = self._passed_ns = self._clock.now_ns()
        self._lapse.begin()
        self._is_open = True

    def step(self) -> None:
        """Open what is closed, read one sample, or wait a little."""
        while self._successors:
            self.close()
            self.source, self._guard, self._watch = self._successors.popleft()
            self._back_off = BackOff(self._clock, self.source.presence)
            self._relief = Relief(self._clock)
        if self._anew.is_set():
            self._anew.clear()
            self.close()
            self._back_off.forget()
        if not self._wanted.is_set():
            self.close()
            self._back_off.forget()
            self.health.become("disabled", reason="switched off")
            self._pause(0.1)
        elif self.ended.is_set():
            self._pause(0.1)
        elif self._is_open or self._try_open():
            self._read()

    def close(self) -> None:
        """Release the device."""
        self._is_open = False
        if self._asked:
            self._asked = False
            self.source.close()

    def _try_open(self) -> bool:
        if not self._back_off.over():
            self._pause(LOOK_EVERY_S)
            return False
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
            self.health.become("offline", reason=f"{self._who} has come to its end")
            return
        except EdgeError as error:
            self._lost(error)
            return
        if self._lapse.look() and self.source.live:
            self._came_ns = self._clock.now_ns()
            self.health.excuse()
            return
        if item is not None:
            self._came_ns = self._clock.now_ns()
            self.health.delivered(self._came_ns)
            self._inspect(item)
        else:
            self._nothing_came(self._clock.now_ns() - self._came_ns)

    def _nothing_came(self, silent_ns: int) -> None:
        if silent_ns > REOPEN_AFTER_S * NS_PER_S and self.source.live:
            self._lost(EdgeError(f"{self._who} delivered nothing for {REOPEN_AFTER_S:.0f} s"))
        elif silent_ns > self.health.pause_ns(self._came_ns, self._silent_after_s):
            self.health.become("degraded", reason=f"{self._who} delivers nothing at the moment")

    def _inspect(self, item: T) -> None:
        """Find out what is wrong with the device although it delivers, before anybody else sees the sample."""
        fault = self._watch.step(item) if self._watch is not None else None
        if fault is None:
            self._relief.over()
            self._back_off.worked()
        elif fault.reopens and self._relief.due():
            self._renew_for(fault)
            return
        if fault is None or not fault.masks:
            self._passed_ns = self._came_ns
            self._pass_on(item, fault)
        else:
            self.health.become("degraded", **self._detail(fault.words))

    def _renew_for(self, fault: Fault) -> None:
        """Open the device anew, without a word: its state has not changed."""
        self.health.become("degraded", **self._detail(fault.words))
        self.close()
        self.health.reconnected(self._clock.now_ns())

    def _pass_on(self, item: T, fault: Fault | None) -> None:
        guard, stamps = self._guard, None
        believed: T | None = item
        if guard is not None:
            believed = guard.step(item)
            stamps = guard.fault
            if guard.restarted:
                self._on_open()
        if believed is not None:
            self.buffer.put(believed)
        words = [words for words in (fault and fault.words, stamps) if words]
        self.health.become("degraded" if words else "online", **self._detail("; ".join(words)))

    def _lost(self, error: EdgeError) -> None:
        """A device that was lost while this process stood still is opened again without a word."""
        self._lapse.look()  # before the device is given up: one that hangs takes seconds for that
        self.close()
        if self._lapse.recent and self.source.live:
            self.health.excuse()
            return
        self.health.reconnected(self._clock.now_ns())
        self._failed(error)

    def _failed(self, error: EdgeError) -> None:
        """Say why, and wait before the next try; a file that cannot be opened will not heal."""
        self.health.become("offline", reason=str(error))
        if self.source.live:
            self._asked = True
            self._back_off.failed()
        else:
            self.ended.set()

    def _pause(self, wait_s: float) -> None:
        if self._changed.wait(wait_s):
            self._changed.clear()

    def wake(self) -> None:
        """End a pause early: the run is stopping."""
        self._changed.set()

    @property
    def _who(self) -> str:
        kind = _KINDS.get(self.health.name, "Source") if self.source.live else "File"
        return f"{kind} {self.source.name!r}"

    def _detail(self, words: str) -> dict[str, Any]:
        """`words` say what is wrong; empty while nothing is."""
        detail: dict[str, Any] = {"reason": f"{self._who}: {words}" if words else None}
        detail["source"] = self.source.name
        stamps = getattr(self.source, "stamp_kind", None)
        if stamps is not None:
            by_arrival = self._guard is not None and self._guard.by_arrival is not None
            detail["stamp_kind"] = "arrival" if by_arrival else stamps
        return detail
