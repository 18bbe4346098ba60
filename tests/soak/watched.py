"""The real daemon as a child, each line of it with the moment at which it came."""

from __future__ import annotations

import contextlib
import json
import re
import time
from dataclasses import dataclass

from tests.process.command import Running

_STATE = re.compile(r" (video|audio|engine) is (online|degraded|offline|disabled)")
_CHANGE = re.compile(r" connected to | lost the connection to | recognition is switched | starting afresh")


@dataclass(frozen=True)
class Tick:
    """What a result says of its place in the run."""

    seq: int
    t_ns: int
    late: bool
    faces: int


@dataclass(frozen=True)
class Said:
    """A line of the log. `at_s` is CLOCK_MONOTONIC."""

    at_s: float
    text: str

    @property
    def state(self) -> tuple[str, str] | None:
        """A stream's name and its new state, in a line that tells one."""
        found = _STATE.search(self.text)
        return (found[1], found[2]) if found else None

    @property
    def change(self) -> bool:
        """Whether it tells a change: of a stream, the engine, the broker or the switch, or an interruption."""
        return self.state is not None or _CHANGE.search(self.text) is not None


class Watched(Running):
    """`ticks` and `said` grow while it runs; of a result only its place in the run is kept."""

    def __init__(self, *words: object, environ: dict[str, str] | None = None) -> None:
        self.ticks: list[Tick] = []
        self.said: list[Said] = []
        super().__init__(*words, environ=environ)

    def _read(self, stream, lines: list[str]) -> None:
        with contextlib.suppress(ValueError):  # the pipe was closed
            for line in stream:
                if stream is self.child.stdout:
                    self.ticks.append(_tick(json.loads(line)))
                else:
                    lines.append(line)
                    self.said.append(Said(time.monotonic(), line.rstrip()))

    def states(self, at_s: float) -> dict[str, str]:
        """Each stream's state at this moment, as the log told it."""
        return dict(said.state for said in self.said if said.state is not None and said.at_s <= at_s)


def _tick(result: dict) -> Tick:
    return Tick(result["seq"], result["t_ns"], result["sync"]["deadline_missed"], len(result["faces"]))
