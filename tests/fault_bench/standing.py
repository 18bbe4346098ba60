"""What holds in every fault: results at every tick, memory, a log that can be read, and whatever is not concerned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.bench.memory import GROWTH_MB
from tests.fault_bench.marks import face
from tests.fault_bench.trace import Trace
from tests.fault_bench.watching import allowed_lines

MISSING = 0.01


@dataclass(frozen=True)
class Standing:
    """With `paced`, ticks may come at half the rate: they are judged by their numbers alone, not by the clock.

    With `leaks_nothing`, descriptors and threads are as many as before. `may_change` are streams that no loss speaks
    of, but that may have something to say. With `faces`, so large a share of the results has one all the time.
    """

    paced: bool = False
    leaks_nothing: bool = False
    may_change: frozenset[str] = frozenset()
    faces: float | None = None
    grows: bool = False
    """Whether memory may: what was not there before is opened for the first time."""

    def share(self, trace: Trace) -> float:
        """Of the ticks that were due, those with a result."""
        return trace.seq_share() if self.paced else min(trace.seq_share(), trace.tick_share())

    def broken(self, trace: Trace, concerned: set[str], slack: float = 1.0) -> list[str]:
        """What was not kept, in a word or two each; `slack` multiplies what may be missing or grow."""
        others = {one.stream for one in trace.changes()} - concerned - self.may_change
        kept = {
            "every tick": 1 - self.share(trace) <= MISSING * slack,
            "memory": self.grows or trace.grown_mb <= GROWTH_MB * slack,
            "log": len(trace.log) <= allowed_lines(trace),
            "faces": self.faces is None or trace.share_during(face) >= self.faces,
            "descriptors": not self.leaks_nothing or trace.descriptors <= 0,
            "threads": not self.leaks_nothing or trace.threads <= 0,
            f"{' and '.join(sorted(others))} undisturbed": not others,
            f"{' and '.join(trace.not_online())} online at the end": not trace.not_online(),
            "no traceback": not any("Traceback" in line for line in trace.log),
        }
        return [words for words, good in kept.items() if not good]

    def said(self, trace: Trace) -> str:
        """The measured figures in words."""
        parts = [f"{100 * self.share(trace):.1f} % of {trace.due()} ticks", f"RSS {trace.grown_mb:+.1f} MB"]
        if self.paced:
            parts.append(f"{100 * trace.late_share():.0f} % of them late")
        if self.faces is not None:
            parts.append(f"a face in {100 * trace.share_during(face):.0f} % of results")
        if self.leaks_nothing:
            parts.append(f"descriptors {trace.descriptors:+d}, threads {trace.threads:+d}")
        return ", ".join([*parts, lines(len(trace.log))])

    def wanted(self, trace: Trace) -> str:
        """The promise in words."""
        parts = ["≥ 99 % of ticks", *([] if self.grows else [f"RSS ≤ +{GROWTH_MB:.0f} MB"])]
        if self.faces is not None:
            parts.append(f"a face in ≥ {100 * self.faces:.0f} %")
        if self.leaks_nothing:
            parts.append("descriptors and threads ±0")
        return ", ".join([*parts, f"≤ {lines(allowed_lines(trace))}"])

    def figures(self, trace: Trace) -> dict[str, Any]:
        """What was measured."""
        return {
            "tick_share": round(self.share(trace), 4),
            "unmade": trace.unmade(),
            "rss_mb": round(trace.grown_mb, 1),
            "descriptors": trace.descriptors,
            "threads": trace.threads,
            "log": [line.rstrip() for line in trace.log],
        }


def lines(count: int) -> str:
    return f"{count} log line{'s' * (count != 1)}"
