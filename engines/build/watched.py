"""Long work on a thread of its own, so that Ctrl-C is heard at once and silence is told from standstill."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from engines.build.phases import Phases

T = TypeVar("T")
_LOOK_EVERY_S = 0.1


class _Work(threading.Thread, Generic[T]):
    """A thread that keeps what `work` returned or raised."""

    def __init__(self, work: Callable[[], T]) -> None:
        super().__init__(name="compiler", daemon=True)
        self._work = work
        self.results: list[T] = []
        self.error: BaseException | None = None
        # Not `join`: until Python 3.13 an interrupted one takes the thread for ended.
        self.ended = threading.Event()

    def run(self) -> None:
        """Called by `start`."""
        try:
            self.results.append(self._work())
        except BaseException as error:
            self.error = error
        finally:
            self.ended.set()


def watched(work: Callable[[], T], phases: Phases, look: Callable[[], None]) -> T:
    """What `work` returns; `look` is called in this thread, about ten times a second meanwhile and once at the end.

    Ctrl-C, or an error of `look`, cancels `phases`, waits for `work` to end, and is passed on; a second Ctrl-C does
    not wait. Raises what `work` raises.
    """
    thread = _Work(work)
    try:
        thread.start()
        while not thread.ended.wait(_LOOK_EVERY_S):
            look()
        look()
    except BaseException:
        phases.cancel()
        if thread.ident is not None:  # else Ctrl-C came before it began
            thread.ended.wait()
        raise
    if thread.error is not None:
        raise thread.error
    return thread.results[0]
