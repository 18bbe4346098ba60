"""What each tick is answered with, and what is counted of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from edge.clock import NS_PER_MS, NS_PER_S
from edge.infer.held import Held
from edge.samples import Result, Window
from edge.sync.closing import DEADLINE_MS, SLACK_MS

HISTORY_NS = 2 * NS_PER_S
"""The age at which a result expires at its readers."""
ANSWERED_BY_NS = round((DEADLINE_MS + SLACK_MS) * NS_PER_MS)


@dataclass
class Tick:
    """A window on its way through the judge; `window` is None until it is made."""

    number: int
    end_ns: int
    window: Window | None = None


class Answers:
    """Tells `on_result` one result for each tick: the judge's, or what is held of earlier ones."""

    def __init__(self, on_result: Callable[[Result], None]) -> None:
        self.told = 0
        self.history = 0
        """Answers that came so late that nobody was told."""
        self.deadline_misses = 0
        self.interpolated = 0
        self._on_result = on_result
        self._held = Held()

    def tell(self, tick: Tick, result: Result | None, now_ns: int) -> None:
        """Answer `tick` at `now_ns`; without a `result` of the judge the deadline was missed.

        Where this process stood still meanwhile, the answer is history: it is counted as missed and told to nobody.
        """
        if now_ns - tick.end_ns > HISTORY_NS:
            self.history += 1
            self.deadline_misses += 1
            return
        if result is None:
            result = self._held.answer(tick.number, tick.end_ns, now_ns, tick.window)
        else:
            self._held.saw(result)
            sync = replace(result.window.sync, deadline_missed=now_ns - tick.end_ns > ANSWERED_BY_NS)
            result = replace(result, window=replace(result.window, sync=sync))
        sync = result.window.sync
        self.told += 1
        self.deadline_misses += sync.deadline_missed
        self.interpolated += max(sync.interpolated_video, sync.interpolated_audio) > 0
        self._on_result(result)

    def forget(self) -> None:
        """Nothing of what was seen and heard so far is told any more."""
        self._held.clear()
