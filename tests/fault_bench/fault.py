"""A fault: how it is made and healed, what it takes away, and what is promised in spite of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.bench.row import Row
from tests.bench.scene import Scene
from tests.fault_bench.loss import Loss
from tests.fault_bench.site import Site, site
from tests.fault_bench.standing import Standing
from tests.fault_bench.trace import Trace
from tests.fault_bench.watching import Heal, Make, watch

PATIENCE_S = 45.0
STANDING = Standing()


@dataclass(frozen=True)
class Fault:
    """`words` say how it is made, with `{seconds}` that it lasts: `lasts_s` in full and in the quick form.

    `losses` are the streams that it takes away, `standing` is what holds all the time.
    """

    words: str
    make: Make
    heal: Heal
    losses: tuple[Loss, ...] = ()
    lasts_s: tuple[int, int] = (10, 4)
    standing: Standing = STANDING
    place: Mapping[str, Any] = field(default_factory=dict)
    """How the site is to be, see `site`."""

    def __call__(self, scene: Scene) -> Row:
        """At a site of its own."""
        with site(scene, **self.place) as here:
            here.settle()
            return here.ended_well(self.at(here))

    def at(self, here: Site, slack: float = 1.0) -> Row:
        """At a site that has settled; it is healed again at the end. `slack` multiplies limits but the log's."""
        seconds = here.scene.amount(*self.lasts_s)
        patience_s = max([PATIENCE_S, *(loss.back_s + PATIENCE_S for loss in self.losses)])
        trace = watch(here, self.make, self.heal, seconds, patience_s)
        return self.judged(trace, seconds, slack)

    def judged(self, trace: Trace, seconds: float, slack: float) -> Row:
        """The row."""
        found = {loss.stream: loss.figures(trace) for loss in self.losses}
        broken = [words for loss in self.losses for words in loss.broken(found[loss.stream], slack)]
        broken += self.standing.broken(trace, set(found), slack)
        measured = "; ".join([*(loss.said(found[loss.stream]) for loss in self.losses), self.standing.said(trace)])
        wanted = "; ".join([*(loss.wanted() for loss in self.losses), self.standing.wanted(trace)])
        return Row(
            self.words.format(seconds=seconds),
            f"{measured}; not kept: {', '.join(broken)}" if broken else measured,
            wanted,
            not broken,
            {"streams": found, **self.standing.figures(trace), "broken": broken},
        )
