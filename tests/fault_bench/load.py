"""A machine that has too much to do, and a board that gets hot."""

from __future__ import annotations

from tests.bench.busy import BusyLoops
from tests.fault_bench.fault import Fault
from tests.fault_bench.loss import Loss
from tests.fault_bench.site import COOL_C
from tests.fault_bench.standing import Standing

HOT_C = 97.0
HOT_S = 15.0
"""Ten seconds of heat, read once a second by the median of five."""
COOL_S = 35.0
HOT = Loss("engine", frozenset({"degraded"}), ("is hot",), HOT_S, None, back_s=COOL_S)


LOOPS = BusyLoops()
FAULTS = {
    "starved": Fault(
        "a busy loop on every core for {seconds} s",
        lambda here: LOOPS.begin(),
        lambda here: LOOPS.end(),
        (),
        (60, 8),
        Standing(paced=True, may_change=frozenset({"engine", "video", "audio"})),
    ),
    "hot": Fault(
        f"a thermal zone (a fake tree) rises from {COOL_C:.0f} to {HOT_C:.0f} °C for {{seconds}} s",
        lambda here: here.board.heat(0, HOT_C),
        lambda here: here.board.heat(0, COOL_C),
        (HOT,),
        (18, 15),
        Standing(paced=True),
    ),
}
