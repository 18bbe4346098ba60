"""A daemon that stands still itself, and goes on."""

from __future__ import annotations

import signal

from tests.bench.row import Row
from tests.bench.scene import FRESH_S, Scene, age_s
from tests.fault_bench.loss import BACK_S, after, within
from tests.fault_bench.marks import face
from tests.fault_bench.site import site
from tests.fault_bench.standing import Standing
from tests.fault_bench.watching import watch

STILL_S = 3.0
FIRST_S = 1.0
PATIENCE_S = 45.0
STANDING = Standing(may_change=frozenset({"video", "audio", "engine"}))


def stopped(scene: Scene) -> Row:
    """The daemon itself stopped (SIGSTOP) for three seconds, and continued."""
    with site(scene) as here:
        here.settle()
        trace = watch(
            here,
            lambda here: here.daemon.child.send_signal(signal.SIGSTOP),
            lambda here: here.daemon.child.send_signal(signal.SIGCONT),
            STILL_S,
            PATIENCE_S,
        )
        since = trace.since_healed()
        first_s, seen_s = trace.seen_again_s(lambda _: True), trace.seen_again_s(face)
        told = [one for one in trace.heard if one.topic.endswith("/emotion") and one.at >= trace.healed_s]
        oldest_s = max(map(age_s, told))
        broken = STANDING.broken(since, set())
        broken += ["first result"] * (not within(first_s, FIRST_S)) + ["face again"] * (not within(seen_s, BACK_S))
        broken += ["freshness"] * (oldest_s > FRESH_S)
        measured = (
            f"first window {after(first_s)}, a face {after(seen_s)}, oldest result told {oldest_s:.1f} s; "
            f"then {STANDING.said(since)}"
        )
        row = Row(
            f"daemon itself stopped (SIGSTOP) for {STILL_S:.0f} s, then continued",
            f"{measured}; not kept: {', '.join(broken)}" if broken else measured,
            f"first window ≤ {FIRST_S:.0f} s, a face ≤ {BACK_S:.0f} s, none older than {FRESH_S:.0f} s; "
            f"{STANDING.wanted(since)}",
            not broken,
            {"first_s": first_s, "face_s": seen_s, "oldest_s": oldest_s, **STANDING.figures(since), "broken": broken},
        )
        return here.ended_well(row)
