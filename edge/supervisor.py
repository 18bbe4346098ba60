"""Watches the stages: one that hangs, or fails again and again, is told in the status of what it works for."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Iterable, Mapping

from edge.clock import NS_PER_S, Clock
from edge.health import Status
from edge.stage import Stage

ASLEEP_NS = 2 * NS_PER_S
"""Nobody looked for so long: the whole process stood still, and no stage is to blame."""

_log = logging.getLogger("edge.supervisor")


class Supervisor:
    """`topics` maps a stage's name to the status that suffers when it does.

    `look` is for the main thread, more often than every ASLEEP_NS. Where a stage hangs, the log has the stacks of all
    threads with their names at `stacks_level`: a watchdog's SIGABRT knows no names.
    """

    def __init__(self, clock: Clock, topics: Mapping[str, Status], stacks_level: int = logging.DEBUG) -> None:
        self._clock = clock
        self._topics = topics
        self._stacks_level = stacks_level
        self._hanging: set[str] = set()
        self._looked_ns = self._awake_ns = clock.now_ns()

    def look(self, stages: Iterable[Stage]) -> bool:
        """Whether every stage's heartbeat is within its own limit."""
        now_ns = self._clock.now_ns()
        if now_ns - self._looked_ns > ASLEEP_NS:
            self._awake_ns = now_ns
        self._looked_ns = now_ns
        hanging = set()
        for stage in stages:
            words = stage.error(now_ns)
            late_s = stage.late_s(now_ns, self._awake_ns)
            if late_s is not None:
                hanging.add(stage.name)
                words = f"has not answered for {stage.limit_s:.0f} s"
            self._complain(stage.name, words)
        if hanging - self._hanging:
            _log.error("%s hangs", ", ".join(sorted(hanging)))
            _log.log(self._stacks_level, "all threads:\n%s", stacks())
        self._hanging = hanging
        return not hanging

    def _complain(self, name: str, words: str | None) -> None:
        status = self._topics.get(name)
        if status is not None:
            status.complain(name, None if words is None else f"stage {name}: {words}")


def stacks() -> str:
    """Where every thread is now."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    parts = []
    for ident, frame in sys._current_frames().items():  # noqa: SLF001  (the documented way, for all its underscore)
        name = names.get(ident, f"thread {ident}")
        parts.append(f"{name}:\n{''.join(traceback.format_stack(frame))}")
    return "\n".join(parts).rstrip()
