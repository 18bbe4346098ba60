"""A soak: the daemon runs, faults are made and healed as planned, everything is written down."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.soak.maker import handles
from tests.soak.plan import Fault
from tests.soak.record import Made, Record
from tests.soak.sampler import Sampler
from tests.soak.world import World

ONLINE = {"video": "online", "audio": "online"}
START_S = 60.0
STEP_S = 0.05


def soak(
    folder: Path, clip: Path, faults: Sequence[Fault], length_s: float, tell: Callable[[float, str], None]
) -> Record:
    """`tell` hears how many seconds have passed, and what is wrong at the moment."""
    world = World(folder, clip)
    with world.running() as daemon:
        daemon.wait_for("audio is online", START_S)
        daemon.wait_for("video is online", START_S)
        began_s = time.monotonic()
        hands = handles(world, daemon)
        when: list[tuple[float, float]] = []

        def wait(until_s: float, word: str) -> None:
            while (left_s := until_s - time.monotonic()) > 0 and daemon.child.poll() is None:
                tell(time.monotonic() - began_s, word)
                time.sleep(min(left_s, STEP_S))

        with Sampler(daemon.child.pid) as sampler:
            for fault in faults:
                wait(began_s + fault.at_s, "")
                from_s = time.monotonic()
                hands[fault.kind].make()
                wait(from_s + fault.seconds, fault.kind)
                to_s = time.monotonic()
                hands[fault.kind].heal()
                when.append((from_s, to_s))
            wait(began_s + length_s, "")
            ended_s = time.monotonic()
        code = daemon.end().code
    nexts = [began_s + fault.at_s for fault in faults[1:]] + [ended_s]
    made = [
        Made(fault, *span, ONLINE.items() <= daemon.states(next_s).items())
        for fault, span, next_s in zip(faults, when, nexts, strict=False)
    ]
    return Record(began_s, ended_s, code, made, sampler.samples, daemon.ticks, daemon.said)
