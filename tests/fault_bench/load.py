"""A machine that has too much to do, and a board that gets hot."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.fault_bench.fault import Fault
from tests.fault_bench.loss import Loss
from tests.fault_bench.site import COOL_C, Site
from tests.fault_bench.standing import Standing

HOT_C = 97.0
HOT_S = 15.0
"""Ten seconds of heat, read once a second by the median of five."""
COOL_S = 35.0
HOT = Loss("engine", frozenset({"degraded"}), ("is hot",), HOT_S, None, back_s=COOL_S)


class BusyLoops:
    """One for each core."""

    def __init__(self) -> None:
        self._children: list[subprocess.Popen[bytes]] = []

    def begin(self, _here: Site) -> None:
        command = [sys.executable, "-c", "while True: pass"]
        self._children = [subprocess.Popen(command) for _ in range(os.cpu_count() or 1)]

    def end(self, _here: Site) -> None:
        for child in self._children:
            child.kill()
            child.wait()


LOOPS = BusyLoops()
FAULTS = {
    "starved": Fault(
        "a busy loop on every core for {seconds} s",
        LOOPS.begin,
        LOOPS.end,
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
