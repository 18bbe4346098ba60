"""What a daemon has to say about a stream that a fault takes away, and how fast."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.fault_bench.marks import Result
from tests.fault_bench.trace import Trace

WINDOW_S = 1.0
BACK_S = 3.0


@dataclass(frozen=True)
class Loss:
    """`states` are those that may be told while the fault lasts; one of `words` stands in the reason.

    `marked` is what every result must look like from a window after `noticed_s` on; `shown`, what it looks like again
    after the return. `told` is False for a fault that comes before the daemon.
    """

    stream: str
    states: frozenset[str]
    words: tuple[str, ...]
    noticed_s: float
    marked: Callable[[Result], bool] | None
    shown: Callable[[Result], bool] | None = None
    back_s: float = BACK_S
    told: bool = True

    def figures(self, trace: Trace) -> dict[str, Any]:
        """What was measured of this stream."""
        state, detail = trace.at_healing(self.stream)
        return {
            "state": state,
            "reason": detail.get("reason") or "",
            "source": detail.get("source") or "default",
            "noticed_s": trace.noticed_s(self.stream) if self.told else 0.0,
            "marked_from_s": trace.true_from_s(self.marked) if self.marked else 0.0,
            "back_s": trace.back_s(self.stream),
            "shown_s": trace.seen_again_s(self.shown) if self.shown else 0.0,
        }

    def broken(self, found: dict[str, Any], slack: float) -> list[str]:
        """What was not kept, in a word or two each."""
        right = found["state"] in self.states and any(word in found["reason"] for word in self.words)
        kept = {
            "status": right,
            "noticed": within(found["noticed_s"], self.noticed_s * slack),
            "marks": within(found["marked_from_s"], (self.noticed_s + WINDOW_S) * slack),
            "back": within(found["back_s"], self.back_s * slack),
            "shown again": found["shown_s"] is not None,
        }
        return [f"{self.stream} {words}" for words, good in kept.items() if not good]

    def said(self, found: dict[str, Any]) -> str:
        """The measured figures in words."""
        parts = [f"{self.stream} {found['state']}: “{short(found['reason'])}”"]
        if self.told:
            parts.append(f"noticed {after(found['noticed_s'])}")
        if self.marked:
            parts.append(f"last unmarked result {found['marked_from_s']:.1f} s")
        parts.append(f"back {after(found['back_s'])}")
        return ", ".join(parts)

    def wanted(self) -> str:
        """The promise in words."""
        told = f"noticed ≤ {self.noticed_s:g} s, " if self.told else ""
        return f"{self.stream} {told}back ≤ {self.back_s:g} s"


def after(seconds: float | None) -> str:
    return "never" if seconds is None else f"after {seconds:.1f} s"


def short(reason: str) -> str:
    """A reason without the device's name, which differs from run to run, and without the advice."""
    words = re.sub(r"^\w+ '[^']*':? ", "", reason)
    return re.split("[:;(]", words)[0].rstrip(". ")


def within(seconds: float | None, limit_s: float) -> bool:
    return seconds is not None and seconds <= limit_s
