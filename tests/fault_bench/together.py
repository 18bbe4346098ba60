"""Both devices at once, and devices that come later."""

from __future__ import annotations

from dataclasses import replace

from tests.fault_bench import cameras, microphones
from tests.fault_bench.fault import Fault
from tests.fault_bench.site import Site
from tests.fault_bench.standing import Standing


def pull(here: Site) -> None:
    cameras.pull(here)
    microphones.pull(here)


def plug(here: Site) -> float:
    cameras.plug(here)
    return microphones.plug(here)


BOTH = (cameras.GONE, microphones.GONE)
FAULTS = {
    "both-killed": Fault("camera and microphone killed, both back after {seconds} s", pull, plug, BOTH),
    "absent": Fault(
        "neither camera nor microphone at the start, both come after {seconds} s",
        lambda here: None,
        plug,
        tuple(replace(loss, told=False) for loss in BOTH),
        standing=Standing(grows=True),
        place={"absent": True},
    ),
}
