"""A fault that is made, lasts, and is mended, and what was heard meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tests.bench.row import Row
from tests.device.inside.ear import Heard
from tests.device.inside.place import Place

CALM_S = 4.0
PAUSE_S = 3.0
"""The longest that no result comes, where nothing longer was seen in calm: translated processors miss ticks."""


MARKED = 0.9
"""`sync.interpolated` of a window in which a stream has nothing real, or next to nothing."""


@dataclass(frozen=True)
class Fault:
    """`states` are those that tell it truly; while it lasts, windows `without` the stream say so.

    `also` looks at what is special: a sentence, and whether it is wanted.
    """

    made: str
    promised: str
    stream: Literal["video", "audio"]
    make: Callable[[], object]
    mend: Callable[[], object]
    states: tuple[str, ...] = ("offline",)
    lasts_s: float = 4.0
    without: bool = True
    also: Callable[[], tuple[str, bool]] | None = None


def measure(place: Place, fault: Fault) -> Row:
    """Make it, see it told, let it last, mend it, see it gone."""
    place.tell("calm before it")
    time.sleep(CALM_S)
    pid, descriptors, cursor = place.service.pid, place.service.descriptors(), place.service.cursor()
    began = time.monotonic()
    place.tell("made")
    fault.make()
    noticed_s = place.until_state(fault.stream, *fault.states)
    told, reason = place.ear.state(fault.stream), place.ear.detail(fault.stream).get("reason")
    time.sleep(fault.lasts_s)
    place.tell("mended")
    mended = time.monotonic()
    fault.mend()
    back_s = place.until_state(fault.stream, "online")
    before, during = place.ear.results(began - CALM_S, began), place.ear.results(began, mended)
    pause_s, calm_s = longest_pause_s(during, began, mended), longest_pause_s(before, began - CALM_S, began)
    extra, wanted = fault.also() if fault.also else ("", True)
    time.sleep(CALM_S)
    more = place.service.descriptors() - descriptors
    lines = [line for line in place.service.journal(cursor) if line.startswith("edge.")]
    same, marked = (
        place.service.pid == pid,
        not (fault.without and fault.lasts_s) or _is_marked(during[-1:], fault.stream),
    )
    return Row(
        fault.made,
        f"{told} after {noticed_s:.1f} s: “{reason}”; {len(during)} results meanwhile, longest pause {pause_s:.1f} s"
        f"{'' if marked else ', not marked'}; online again after {back_s:.1f} s{extra}; {len(lines)} log lines; "
        f"{more:+d} descriptors{'' if same else '; another process'}",
        fault.promised,
        wanted and same and marked and more <= 0 and pause_s <= max(PAUSE_S, 2 * calm_s),
        {
            "noticed_s": round(noticed_s, 2),
            "back_s": round(back_s, 2),
            "pause_s": round(pause_s, 2),
            "calm_pause_s": round(calm_s, 2),
            "results": len(during),
            "descriptors": more,
            "log": lines,
        },
    )


def _is_marked(results: list[Heard], stream: str) -> bool:
    """Whether the last result says that nothing of its window came from this stream."""
    return bool(results) and results[-1].json()["sync"]["interpolated"][stream] >= MARKED


def longest_pause_s(results: list[Heard], began: float, ended: float) -> float:
    """The longest time within the span in which no result came."""
    moments = [began, *(one.at for one in results), ended]
    return max(later - earlier for earlier, later in zip(moments, moments[1:], strict=False))
