"""Which rows are measured in which boot of the guest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.device.inside.trial import Trial

WAKES_IN_1970 = "1970-01-01T00:00:30"


@dataclass(frozen=True)
class Boot:
    """`rows` are measured, then `before_cut` is prepared, then the power is cut."""

    name: str
    rows: tuple[str, ...]
    before_cut: tuple[str, ...] = ()
    rtc: str = "utc"


def boots(names: Sequence[str], trials: Mapping[str, Trial]) -> list[Boot]:
    """The first is always needed: it installs the service."""
    cut = tuple(name for name in names if trials[name].boot == "cut")
    before = tuple(name for name in cut if trials[name].before_cut)
    first = Boot("first", tuple(name for name in names if trials[name].boot == "first"), before)
    return [first, Boot("cut", cut, rtc=WAKES_IN_1970)] if cut else [first]
