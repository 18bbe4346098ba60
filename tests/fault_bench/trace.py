"""What a daemon said around a fault: its results, its statuses, its log."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from edge.clock import NS_PER_S
from tests.bench.scene import gaps
from tests.broker import Heard
from tests.fault_bench.marks import Result

TICK_S = 0.2
STREAMS = {"video", "audio", "engine"}


@dataclass(frozen=True)
class Status:
    """One change that was told over MQTT."""

    at_s: float
    stream: str
    state: str


@dataclass(frozen=True)
class Trace:
    """Moments are seconds of CLOCK_MONOTONIC: the fault was made, it was about to be healed, it was healed, the end.

    `log` has the lines since the fault was made.
    """

    made_s: float
    healing_s: float
    healed_s: float
    ended_s: float
    results: Sequence[Result]
    heard: Sequence[Heard]
    log: Sequence[str]
    grown_mb: float = 0.0
    descriptors: int = 0
    threads: int = 0
    """How many more at the end than before."""

    def unmade(self) -> list[int]:
        """The ticks without a result, by their numbers."""
        return gaps([one["seq"] for one in self.results])

    def due(self) -> int:
        """How many ticks there were, by their numbers."""
        return len(self.results) + len(self.unmade())

    def seq_share(self) -> float:
        """Results against the ticks by their numbers."""
        return len(self.results) / max(1, self.due())

    def tick_share(self, step_s: float = TICK_S) -> float:
        """Results against the ticks that there was time for."""
        if len(self.results) < 2:
            return 0.0
        span_s = (self.results[-1]["t_ns"] - self.results[0]["t_ns"]) / NS_PER_S
        return len(self.results) / (round(span_s / step_s) + 1)

    def since_healed(self) -> Trace:
        """The same without the results before."""
        healed_ns = int(self.healed_s * NS_PER_S)
        return replace(self, results=[one for one in self.results if one["t_ns"] > healed_ns])

    def changes(self) -> list[Status]:
        """Every change of a state since the fault was made; a new reason for the same state is none."""
        found, states = [], {}
        for one in self.heard:
            stream = one.topic.rpartition("/status/")[2]
            if stream not in STREAMS or states.get(stream) == one.payload:
                continue
            states[stream] = one.payload
            if one.at >= self.made_s:
                found.append(Status(one.at, stream, one.payload))
        return found

    def noticed_s(self, stream: str) -> float | None:
        """How long until the stream was first told not to be online; None when it never was."""
        told = (one.at_s for one in self.changes() if one.stream == stream and one.state != "online")
        return next((at_s - self.made_s for at_s in told if at_s < self.healing_s), None)

    def back_s(self, stream: str) -> float | None:
        """How long after the return the stream was online for good; None when it never was."""
        last = [one for one in self.changes() if one.stream == stream][-1:]
        return max(0.0, last[0].at_s - self.healed_s) if last and last[0].state == "online" else None

    def not_online(self) -> list[str]:
        """The streams that are not online at the end."""
        last = {one.topic.rpartition("/status/")[2]: one.payload for one in self.heard}
        return sorted(stream for stream in STREAMS if last.get(stream, "online") != "online")

    def at_healing(self, stream: str) -> tuple[str, dict[str, Any]]:
        """State and detail just before the fault was healed."""
        return self._last(f"/status/{stream}"), json.loads(self._last(f"/status/{stream}/detail")) or {}

    def _last(self, suffix: str) -> str:
        said = [one.payload for one in self.heard if one.topic.endswith(suffix) and one.at <= self.healing_s]
        return said[-1] if said else "null"

    def during(self) -> list[Result]:
        """Results whose window ended while the fault lasted."""
        made_ns, healing_ns = (int(at_s * NS_PER_S) for at_s in (self.made_s, self.healing_s))
        return [one for one in self.results if made_ns < one["t_ns"] <= healing_ns]

    def late_share(self) -> float:
        """Of the results while the fault lasted, those that were answered late or without their own."""
        return self.share_during(lambda result: bool(result["sync"]["deadline_missed"]))

    def share_during(self, shown: Callable[[Result], bool]) -> float:
        """Of the results while the fault lasted, those that show it."""
        results = self.during()
        return sum(map(shown, results)) / max(1, len(results))

    def true_from_s(self, marked: Callable[[Result], bool]) -> float:
        """How long after the fault was made the last window ended that was not marked as it should be."""
        wrong = [one["t_ns"] for one in self.during() if not marked(one)]
        return wrong[-1] / NS_PER_S - self.made_s if wrong else 0.0

    def seen_again_s(self, shown: Callable[[Result], bool]) -> float | None:
        """How long after the return the first window ended that shows it."""
        healed_ns = int(self.healed_s * NS_PER_S)
        ends = (one["t_ns"] for one in self.results if one["t_ns"] > healed_ns and shown(one))
        return next((end_ns / NS_PER_S - self.healed_s for end_ns in ends), None)
