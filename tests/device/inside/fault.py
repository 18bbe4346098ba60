"""A fault that is made, lasts, and is mended, and what was heard meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from tests.bench.row import Row
from tests.device.inside.ear import Heard
from tests.device.inside.place import Place

CALM_S = 4.0
PAUSE_S = 3.0
"""The longest that no result comes, where nothing longer was seen in calm: translated processors miss ticks."""


@dataclass(frozen=True)
class Fault:
    """`states` are those that tell it truly. `also` looks at what is special: a sentence, and whether it is wanted."""

    made: str
    promised: str
    stream: Literal["video", "audio"]
    make: Callable[[], object]
    mend: Callable[[], object]
    states: tuple[str, ...] = ("offline",)
    lasts_s: float = 4.0
    also: Callable[[], tuple[str, bool]] | None = None


def measure(place: Place, fault: Fault) -> Row:
    """Make it, see it told, let it last, mend it, see it gone."""
    place.tell("calm before it")
    time.sleep(CALM_S)
    threads, descriptors, cursor = place.service.threads(), place.service.descriptors(), place.service.cursor()
    pid, began = place.service.pid, time.monotonic()
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
    extra, wanted = fault.also() if fault.also else ("", True)
    time.sleep(CALM_S)
    pause_s, calm_s = longest_pause_s(during, began, mended), longest_pause_s(before, began - CALM_S, began)
    more = place.service.descriptors() - descriptors
    lines = [line for line in place.service.journal(cursor) if line.startswith("edge.")]
    same = place.service.pid == pid
    figures: dict[str, Any] = {"noticed_s": noticed_s, "back_s": back_s, "pause_s": pause_s, "calm_pause_s": calm_s}
    figures |= {"reason": reason, "descriptors": more, "threads": place.service.threads() - threads, "lines": lines}
    return Row(
        fault.made,
        f"{told}: “{reason}”; {len(during)} results meanwhile; online again{extra}; "
        f"{len(lines)} log lines, {more:+d} descriptors" + ("" if same else "; another process"),
        fault.promised,
        wanted and same and more <= 0 and pause_s <= max(PAUSE_S, 2 * calm_s),
        {name: round(value, 2) if isinstance(value, float) else value for name, value in figures.items()},
    )


def longest_pause_s(results: list[Heard], began: float, ended: float) -> float:
    """The longest time within the span in which no result came."""
    moments = [began, *(one.at for one in results), ended]
    return max(later - earlier for earlier, later in zip(moments, moments[1:], strict=False))
