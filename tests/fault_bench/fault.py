"""A fault: made, watched for a while, healed, and judged by what the daemon did meanwhile."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.bench.memory import GROWTH_MB
from tests.bench.row import Row
from tests.bench.scene import Scene
from tests.fault_bench.loss import Loss
from tests.fault_bench.site import Site, site
from tests.fault_bench.trace import Trace

BEFORE_S = 2.0
AFTER_S = 2.0
PATIENCE_S = 45.0
ALL_TICKS = 0.99


@dataclass(frozen=True)
class Fault:
    """`words` say how it is made, with `{seconds}` that it lasts: `lasts_s` in full and in the quick form."""

    words: str
    make: Callable[[Site], object]
    heal: Callable[[Site], object]
    losses: tuple[Loss, ...]
    lasts_s: tuple[int, int] = (10, 4)
    place: dict[str, Any] = field(default_factory=dict)
    """How the site is to be, see `site`."""

    def __call__(self, scene: Scene) -> Row:
        """At a site of its own."""
        with site(scene, **self.place) as here:
            here.settle()
            row = self.at(here)
            done = here.daemon.end()
        if done.code != 0 or "Traceback" in done.err:
            return Row(row.done, f"{row.measured}; exit {done.code}", row.target, False, row.figures)
        return row

    def at(self, here: Site, slack: float = 1.0) -> Row:
        """At a site that has settled; it is healed again at the end. `slack` multiplies all limits of time."""
        seconds = here.scene.amount(*self.lasts_s)
        first, logged, began_s = len(here.daemon.out), len(here.daemon.err), time.monotonic()
        made_s = time.monotonic()
        self.make(here)
        _pass(here, seconds)
        self.heal(here)
        healed_s = time.monotonic()
        here.wait_for("online", "video", "audio", timeout_s=PATIENCE_S)
        _pass(here, AFTER_S)
        trace = Trace(
            made_s,
            healed_s,
            time.monotonic(),
            here.results(first),
            list(here.listener.heard),
            here.daemon.err[logged:],
        )
        grown_mb = here.gauge.most_mb(made_s, trace.ended_s) - here.gauge.most_mb(began_s - BEFORE_S, began_s)
        return self.judged(trace, seconds, grown_mb, slack)

    def judged(self, trace: Trace, seconds: float, grown_mb: float, slack: float) -> Row:
        """The row."""
        found = {loss.stream: loss.figures(trace) for loss in self.losses}
        share, unmade = trace.tick_share(), trace.unmade()
        lines = allowed_lines(trace)
        faults = [fault for loss in self.losses for fault in loss.faults(found[loss.stream], slack)]
        faults += ["ticks missing"] * (share < ALL_TICKS)
        faults += ["grown"] * (grown_mb > GROWTH_MB)
        faults += ["talkative"] * (len(trace.log) > lines)
        said = "; ".join(loss.said(found[loss.stream]) for loss in self.losses)
        wanted = "; ".join(loss.wanted() for loss in self.losses)
        measured = (
            f"{said}; {100 * share:.1f} % of {len(trace.results) + len(unmade)} ticks; RSS {grown_mb:+.1f} MB; "
            f"{len(trace.log)} log lines"
        )
        return Row(
            self.words.format(seconds=seconds),
            f"{measured}; {', '.join(faults)}" if faults else measured,
            f"{wanted}; every tick; RSS ≤ +{GROWTH_MB:.0f} MB; ≤ {lines} log lines",
            not faults,
            {
                "streams": found,
                "tick_share": round(share, 4),
                "unmade": unmade,
                "rss_mb": round(grown_mb, 1),
                "log": [line.rstrip() for line in trace.log],
                "faults": faults,
            },
        )


def allowed_lines(trace: Trace) -> int:
    """One line for each change of a state, and one a minute."""
    return len(trace.changes()) + math.ceil((trace.ended_s - trace.made_s) / 60)


def _pass(here: Site, seconds: float) -> None:
    """Let it last, and say how far it has come."""
    for second in range(math.ceil(seconds)):
        here.scene.tell(f"{second} of {seconds:.0f} s")
        time.sleep(min(1.0, seconds - second))
