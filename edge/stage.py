"""A stage: one named thread that repeats one step until it is told to stop, and whose heartbeat can be felt."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from edge.clock import NS_PER_S, Clock
from edge.log_limit import LogLimit

PAUSE_AFTER_ERROR_S = 0.5
ERROR_LASTS_NS = 5 * NS_PER_S


class Stage:
    """`step` must return within `limit_s`. An exception ends the step, not the thread: it is logged and counted.

    `pause_s` is how long the thread rests after an error; a step that waits by itself needs none.
    """

    def __init__(
        self,
        name: str,
        step: Callable[[], None],
        clock: Clock,
        *,
        limit_s: float = 10.0,
        pause_s: float = PAUSE_AFTER_ERROR_S,
    ) -> None:
        self.name = name
        self.limit_s = limit_s
        self.errors = 0
        self.beat_ns = clock.now_ns()
        """When the last step ended."""
        self._step = step
        self._clock = clock
        self._pause_s = pause_s
        self._error: tuple[int, str] | None = None
        self._limit = LogLimit()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._log = logging.getLogger(f"edge.{name}")

    def start(self) -> None:
        """Begin."""
        self.beat_ns = self._clock.now_ns()
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end after its current step."""
        self._stop.set()

    def join(self, timeout_s: float) -> bool:
        """Wait for the end; False when the thread still runs."""
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def late_s(self, now_ns: int, awake_ns: int = 0) -> float | None:
        """For how long the current step has run, `awake_ns` at the earliest, if longer than `limit_s`; else None."""
        took_s = (now_ns - max(self.beat_ns, awake_ns)) / NS_PER_S
        return took_s if took_s > self.limit_s else None

    def error(self, now_ns: int) -> str | None:
        """The error of the last five seconds, None when there was none."""
        last = self._error
        return last[1] if last is not None and now_ns - last[0] <= ERROR_LASTS_NS else None

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._step()
            except Exception as error:
                self._failed(f"{type(error).__name__}: {error}")
                self._stop.wait(self._pause_s)
            self.beat_ns = self._clock.now_ns()

    def _failed(self, sentence: str) -> None:
        self.errors += 1
        now_ns = self._clock.now_ns()
        self._error = (now_ns, sentence)
        level = logging.ERROR if self._limit.allows(sentence, now_ns) else logging.DEBUG
        self._log.log(level, "%s", sentence)
        self._log.debug("traceback", exc_info=True)
