"""A stage: one named thread that repeats one step until it is told to stop, and whose pulse can be felt."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from edge.clock import Clock

_PAUSE_AFTER_ERROR_S = 0.5


class Stage:
    """`step` must return within about a second. An exception ends the step, not the thread: it is logged and counted.

    `beat_ns` is when the last step ended, for whoever watches.
    """

    def __init__(self, name: str, step: Callable[[], None], clock: Clock) -> None:
        self.name = name
        self.errors = 0
        self.beat_ns = clock.now_ns()
        self._step = step
        self._clock = clock
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._log = logging.getLogger(f"edge.{name}")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end after its current step."""
        self._stop.set()

    def join(self, timeout_s: float) -> bool:
        """Wait for the end; False when the thread still runs."""
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        last_error = ""
        while not self._stop.is_set():
            try:
                self._step()
            except Exception as error:
                self.errors += 1
                sentence = f"{type(error).__name__}: {error}"
                # The same fault five times a second is said once.
                level = logging.DEBUG if sentence == last_error else logging.ERROR
                self._log.log(level, "%s", sentence)
                self._log.debug("traceback", exc_info=True)
                last_error = sentence
                self._stop.wait(_PAUSE_AFTER_ERROR_S)
            self.beat_ns = self._clock.now_ns()
