"""What a soak's record says in figures."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.soak.record import Made, Record
from tests.soak.sampler import Sample
from tests.soak.slope import slope
from tests.soak.watched import Tick

WARM_UP_SHARE = 0.2
QUIET_S = 3.0
"""Before each fault: the last one is healed, the next one not yet made."""
SETTLE_S = 1.0
"""A daemon that was stopped or switched off has so long to answer ticks again."""
EXCUSED = ("daemon stopped", "switched off")
"""Faults that take ticks away themselves."""
STEP_NS = 200_000_000


@dataclass(frozen=True)
class Held:
    """What the process held in quiet moments after the warm-up: a median each, in order."""

    at_s: list[float]
    rss_mb: list[float]
    descriptors: list[int]
    threads: list[int]


def quiet(record: Record) -> Held:
    """One point for the stretch before each fault, and for the end."""
    held = Held([], [], [], [])
    begins_s = record.began_s + WARM_UP_SHARE * (record.ended_s - record.began_s)
    ends_s = [made.from_s for made in record.made] + [record.ended_s]
    for end_s in ends_s:
        stretch = [one for one in record.samples if max(begins_s, end_s - QUIET_S) <= one.at_s < end_s]
        if stretch:
            held.at_s.append(end_s)
            held.rss_mb.append(_median(stretch, "rss_mb"))
            held.descriptors.append(int(_median(stretch, "descriptors")))
            held.threads.append(int(_median(stretch, "threads")))
    return held


def missed(ticks: Sequence[Tick], made: Iterable[Made]) -> tuple[int, int, int]:
    """Ticks that should have been answered, those that nobody answered, and those that a fault itself took away.

    The last count in neither of the others.
    """
    excused_ns = [(one.from_s * 1e9, (one.to_s + SETTLE_S) * 1e9) for one in made if one.fault.kind in EXCUSED]
    lost = taken = 0
    for before, after in zip(ticks, ticks[1:], strict=False):
        missing = after.seq - before.seq - 1
        for number in range(1, missing + 1):
            due_ns = before.t_ns + number * (after.t_ns - before.t_ns) / (missing + 1)
            if any(from_ns - STEP_NS <= due_ns <= to_ns for from_ns, to_ns in excused_ns):
                taken += 1
            else:
                lost += 1
    return len(ticks) + lost, lost, taken


def figures(record: Record) -> dict[str, Any]:
    """Every figure of the table, with its unit in its name."""
    held = quiet(record)
    minutes = (record.ended_s - record.began_s) / 60
    during = [one for one in record.ticks if one.t_ns >= record.began_s * 1e9]
    wanted, lost, taken = missed(during, record.made)
    said = [one for one in record.said if record.began_s <= one.at_s <= record.ended_s]
    cpu = record.samples[-1].cpu_s - record.samples[0].cpu_s
    growth = slope(held.at_s, held.rss_mb)
    return {
        "minutes": round(minutes, 1),
        "faults": dict(Counter(one.fault.kind for one in record.made)),
        "not_back": [one.fault.kind for one in record.made if not one.back],
        "rss_mb_per_h": growth.per_hour,
        "rss_mb_per_h_interval": [growth.low, growth.high],
        "rss_mb": _ends(held.rss_mb),
        "descriptors": _ends(held.descriptors),
        "threads": _ends(held.threads),
        "ticks": {"wanted": wanted, "lost": lost, "taken_by_faults": taken, "late": sum(one.late for one in during)},
        "log_lines": len(said),
        "log_lines_beside_changes": sum(not one.change for one in said),
        "cpu_percent": round(100 * cpu / (record.samples[-1].at_s - record.samples[0].at_s)),
        "exit_code": record.code,
    }


def _median(stretch: Sequence[Sample], name: str) -> float:
    return statistics.median(getattr(one, name) for one in stretch)


def _ends(values: Sequence[float]) -> dict[str, float | None]:
    """The first and the last, the least and the most."""
    if not values:
        return dict.fromkeys(("first", "last", "least", "most"))
    return {"first": values[0], "last": values[-1], "least": min(values), "most": max(values)}
