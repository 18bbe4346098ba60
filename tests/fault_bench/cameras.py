"""What cameras do to a daemon."""

from __future__ import annotations

from tests.fault_bench.fault import Fault
from tests.fault_bench.loss import Loss
from tests.fault_bench.marks import no_face, no_picture

LOST_S = 2.0
FROZEN_S = 3.0
GONE = Loss(
    "video",
    frozenset({"offline"}),
    ("sends no more", "does not answer", "delivered nothing"),
    LOST_S,
    no_picture,
    lambda result: not no_face(result),
)

FAULTS = {
    "camera-killed": Fault(
        "camera killed, back on its port after {seconds} s",
        lambda here: here.camera.stop(),
        lambda here: here.camera.start(),
        (GONE,),
    ),
}
