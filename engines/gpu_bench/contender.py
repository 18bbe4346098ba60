"""One way to run the student, ready to be timed; and what could not be made ready, with the reason."""

from __future__ import annotations

from dataclasses import dataclass

from engines.parity.runs import Networks


@dataclass(frozen=True, eq=False)
class Contender:
    """`networks` are active. `place` is where it computes: "cpu" or "gpu"."""

    name: str
    place: str
    precision: str
    networks: Networks


@dataclass(frozen=True)
class Absence:
    """A row that cannot be had here, and why, in one sentence."""

    row: str
    reason: str
