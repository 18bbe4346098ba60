"""What is written down while a soak runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.soak.plan import Fault
from tests.soak.sampler import Sample
from tests.soak.watched import Said, Tick


@dataclass(frozen=True)
class Made:
    """A fault as it was made and healed, in CLOCK_MONOTONIC; whether both streams were online before the next one."""

    fault: Fault
    from_s: float
    to_s: float
    back: bool


@dataclass(frozen=True)
class Record:
    """What came of a soak. `began_s` and `ended_s` are CLOCK_MONOTONIC, as all moments are."""

    began_s: float
    ended_s: float
    code: int
    made: Sequence[Made]
    samples: Sequence[Sample]
    ticks: Sequence[Tick]
    said: Sequence[Said]
