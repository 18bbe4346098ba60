"""A bad network between daemon and camera."""

from __future__ import annotations

import threading
import time

from tests.fault_bench.cameras import SLOW
from tests.fault_bench.fault import Fault
from tests.fault_bench.site import Site
from tests.fault_bench.standing import Standing

LINKED = {"linked": True}
JITTER_S = 0.3
TRICKLE_BYTES_PER_S = 50_000
CUT_EVERY_S = 4.0
CUT_S = 0.5


def set_jitter(here: Site, jitter_s: float) -> None:
    here.link.jitter_s = jitter_s


def set_rate(here: Site, bytes_per_s: float | None) -> None:
    here.link.bytes_per_s = bytes_per_s


class Cutter:
    """Cuts the link every few seconds, for a moment each time."""

    def __init__(self) -> None:
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self, here: Site) -> None:
        self._ended.clear()
        self._thread = threading.Thread(target=self._run, args=(here,), daemon=True)
        self._thread.start()

    def end(self, _here: Site) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self, here: Site) -> None:
        while not self._ended.wait(CUT_EVERY_S - CUT_S):
            here.link.cut()
            time.sleep(CUT_S)
            here.link.mend()


CUTTER = Cutter()
FAULTS = {
    "network-late": Fault(
        "network to the camera holds pictures up for 0–300 ms, again and again, for {seconds} s",
        lambda here: set_jitter(here, JITTER_S),
        lambda here: set_jitter(here, 0.0),
        lasts_s=(20, 4),
        standing=Standing(may_change=frozenset({"video"}), faces=0.9),
        place=LINKED,
    ),
    "network-slow": Fault(
        "network to the camera lets 50 kB a second through for {seconds} s",
        lambda here: set_rate(here, TRICKLE_BYTES_PER_S),
        lambda here: set_rate(here, None),
        (SLOW,),
        (20, 8),
        place=LINKED,
    ),
    "network-cut": Fault(
        "network to the camera cut every 4 s, for half a second, for {seconds} s",
        CUTTER.begin,
        CUTTER.end,
        lasts_s=(30, 5),
        standing=Standing(leaks_nothing=True, may_change=frozenset({"video"}), faces=0.7),
        place=LINKED,
    ),
}
