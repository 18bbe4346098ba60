"""Makes a fault at a site, lets it last, heals it, and gives what was said and held meanwhile."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from tests.fault_bench.site import Site
from tests.fault_bench.trace import Trace

BEFORE_S = 10.0
AFTER_S = 2.0
STREAMS = ("video", "audio", "engine")
Make = Callable[[Site], object]
Heal = Callable[[Site], "float | None"]


def watch(here: Site, make: Make, heal: Heal, seconds: float, patience_s: float) -> Trace:
    """`heal` gives when (CLOCK_MONOTONIC, s) all was there again, where that is not when it returns.

    Waits up to `patience_s` for every status to be online again, and to be so AFTER_S later.
    """
    first, logged = len(here.daemon.out), len(here.daemon.err)
    before, made_s = here.gauge.now(), time.monotonic()
    make(here)
    here.last(seconds)
    healing_s = time.monotonic()
    returned_s = heal(here)
    healed_s = time.monotonic() if returned_s is None else returned_s
    here.wait_for("online", *STREAMS, timeout_s=patience_s)
    time.sleep(AFTER_S)
    here.wait_for("online", *STREAMS, timeout_s=patience_s)  # what was found out only now may have to pass
    after = here.gauge.now()
    return Trace(
        made_s=made_s,
        healing_s=healing_s,
        healed_s=healed_s,
        ended_s=after.at_s,
        results=here.results(first),
        heard=list(here.listener.heard),
        log=here.daemon.err[logged:],
        grown_mb=here.gauge.most_mb(made_s, after.at_s) - here.gauge.most_mb(made_s - BEFORE_S, made_s),
        descriptors=after.descriptors - before.descriptors,
        threads=after.threads - before.threads,
    )


def allowed_lines(trace: Trace) -> int:
    """One line for each change of a state, and one a minute."""
    return len(trace.changes()) + math.ceil((trace.ended_s - trace.made_s) / 60)
