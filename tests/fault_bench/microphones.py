"""What microphones do to a daemon."""

from __future__ import annotations

import time
from dataclasses import replace

from tests.fault_bench.fault import Fault
from tests.fault_bench.loss import Loss
from tests.fault_bench.marks import no_sound, no_voice, voice
from tests.fault_bench.site import Site
from tests.microphone import _SETTLE_S

LOST_S = 1.0
SILENT_S = 3.0
GONE_WORDS = ("lost", "is not there", "does not answer", "no microphones")
GONE = Loss("audio", frozenset({"offline"}), GONE_WORDS, LOST_S, no_sound, voice)
STANDING = replace(GONE, states=frozenset({"degraded", "offline"}), words=(*GONE_WORDS, "delivers nothing"))
SILENT = Loss("audio", frozenset({"degraded"}), ("silent", "silence"), SILENT_S, no_voice, voice)


def pull(here: Site) -> None:
    here.microphone.stop()


def plug(here: Site) -> float:
    """When the sound server answered again."""
    here.microphone.start()
    return time.monotonic() - _SETTLE_S


FAULTS = {
    "microphone-killed": Fault("virtual microphone killed, back after {seconds} s", pull, plug, (GONE,), (5, 3)),
    "microphone-away": Fault("the same, for {seconds} s", pull, plug, (GONE,), (60, 10)),
    "microphone-stopped": Fault(
        "virtual microphone stopped (SIGSTOP) for {seconds} s",
        lambda here: here.microphone.stall(),
        lambda here: here.microphone.resume(),
        (STANDING,),
    ),
    "microphone-silent": Fault(
        "perfect silence from the microphone for {seconds} s",
        lambda here: here.voice.hush(),
        lambda here: here.voice.speak(),
        (SILENT,),
        (15, 5),
    ),
}
