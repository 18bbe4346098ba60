"""The thread that calls a GPU's driver, so that nobody else hangs when the driver does."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

from edge.infer.engine import EngineError
from edge.infer.switching_engine import in_words

T = TypeVar("T")
_SLICES = 5


class DriverThread:
    """Does one call after the other, and is given up as soon as one of them takes too long."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: queue.SimpleQueue[_Job[Any] | None] = queue.SimpleQueue()
        self._job: _Job[Any] | None = None
        self._given_up = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether the thread is there still, be it within the driver."""
        return self._thread.is_alive()

    def call(self, work: Callable[[], T], limit_s: float) -> T:
        """What `work` gives. Raises what it raises, and EngineError when it has not ended within `limit_s`."""
        job = _Job(work)
        if not self._given_up.is_set():
            self._job = job
            self._jobs.put(job)
            # In slices: time in which the whole process stood still is at most one of them.
            if any(job.ended.wait(limit_s / _SLICES) for _ in range(_SLICES)) and not job.abandoned:
                return job.outcome()
            self._given_up.set()
        raise EngineError(f"{self._name} does not answer")

    def give_up(self) -> None:
        """Whoever waits for an answer waits no longer."""
        self._given_up.set()
        job = self._job
        if job is not None and not job.ended.is_set():
            job.abandoned = True
            job.ended.set()

    def end(self, farewell: Callable[[], object], limit_s: float) -> bool:
        """Have `farewell` done after the call under way, and the thread ended; whether that was within `limit_s`."""
        job = _Job(farewell)
        self._given_up.set()
        self._jobs.put(job)
        self._jobs.put(None)
        if job.ended.wait(limit_s):
            self._thread.join(limit_s)
        return not self.running

    def _run(self) -> None:
        while True:
            job = self._jobs.get()
            if job is None:
                return
            job.run()


class _Job(Generic[T]):
    """One call and its outcome."""

    def __init__(self, work: Callable[[], T]) -> None:
        self.ended = threading.Event()
        self.abandoned = False
        self._work = work
        self._result: T | None = None
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            self._result = self._work()
        except BaseException as error:  # a driver's own types, and SystemExit as well
            self._error = error
        self.ended.set()

    def outcome(self) -> T:
        error, self._error = self._error, None  # its traceback would hold on to this frame
        if isinstance(error, Exception):
            raise error
        if error is not None:
            raise EngineError(in_words(error)) from error
        return cast("T", self._result)
