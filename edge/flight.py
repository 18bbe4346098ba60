"""One job in the air between two stages: it lands in time, or it is overtaken and its late result thrown away."""

from __future__ import annotations

import threading
from collections import deque
from typing import Generic, TypeVar

import numpy as np

from edge.clock import NS_PER_MS, NS_PER_S, Clock

Job = TypeVar("Job")
Result = TypeVar("Result")

_REMEMBERED = 50
_FIRST_GUESS_NS = 10 * NS_PER_MS


class Flight(Generic[Job, Result]):
    """`fly` is called by the stage that must answer in time, `take` and `land` by the stage that does the work."""

    def __init__(self, clock: Clock) -> None:
        self.overtaken = 0
        """Results that came too late and were thrown away."""
        self.withdrawn = 0
        """Jobs that nobody had begun when their time was over."""
        self._clock = clock
        self._changed = threading.Condition()
        self._wanted: Job | None = None
        self._waiting: Job | None = None
        self._result: Result | None = None
        self._taken_ns = 0
        self._took_ns: deque[int] = deque([_FIRST_GUESS_NS], maxlen=_REMEMBERED)
        self.closed = False

    def fly(self, job: Job, until_ns: int) -> Result | None:
        """Offer `job` and wait for its result; None when it has not landed by `until_ns`, and is wanted no more."""
        with self._changed:
            self._wanted = self._waiting = job
            self._changed.notify_all()
            while self._result is None and not self.closed:
                left_ns = until_ns - self._clock.now_ns()
                if left_ns <= 0:
                    break
                self._changed.wait(left_ns / NS_PER_S)
            self.withdrawn += self._waiting is not None
            self._wanted = self._waiting = None
            result, self._result = self._result, None
            return result

    def take(self, timeout_s: float) -> Job | None:
        """The job that waits, or None when none comes in time."""
        with self._changed:
            if self._waiting is None and not self.closed:
                self._changed.wait(timeout_s)
            job, self._waiting = self._waiting, None
            self._taken_ns = self._clock.now_ns()
            return job

    def land(self, job: Job, result: Result) -> bool:
        """Hand in the result of the job that was taken last; False when it is too late."""
        with self._changed:
            self._took_ns.append(self._clock.now_ns() - self._taken_ns)
            if self._wanted is not job:
                self.overtaken += 1
                return False
            self._result = result
            self._changed.notify_all()
            return True

    @property
    def usual_ns(self) -> int:
        """How long four of five of the last jobs took at most, in ns; a few that were held up do not count."""
        with self._changed:
            return int(np.percentile(self._took_ns, 80))

    def close(self) -> None:
        """Let nobody wait any longer, for good."""
        with self._changed:
            self.closed = True
            self._changed.notify_all()
