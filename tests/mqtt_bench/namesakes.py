"""Two daemons that call themselves the same."""

from __future__ import annotations

import time

from tests.bench.row import Row, spread
from tests.bench.scene import Scene
from tests.broker import listening, until
from tests.mqtt_bench.broker_log import CAME, PATIENCE_S, BrokerLog

NOTICED_S = 5.0
SELDOM_S = 5


def twins(scene: Scene) -> Row:
    """A second daemon of the same device id on the same machine: each connection ends the other's."""
    pairs, seconds = scene.amount(5, 1), scene.amount(60, 30)
    fights = []
    for number in range(pairs):
        scene.tell(f"{number} of {pairs} pairs")
        fights.append(_fight(scene, seconds if number == pairs - 1 else 0))
    took, comings = spread([told for told, _ in fights]), fights[-1][1]
    return Row(
        f"two daemons of one device id, {pairs} times; the last time for {seconds} s",
        f"told p50 {took['p50']:.1f} s, max {took['max']:.1f} s after the second came; "
        f"{comings} connects in {seconds} s",
        f"told ≤ {NOTICED_S:.0f} s, then ≤ 1 connect in {SELDOM_S} s",
        took["max"] <= NOTICED_S and comings <= seconds / SELDOM_S,
        {"told_s": took, "pairs": pairs, "connects": comings, "seconds": seconds},
    )


def _fight(scene: Scene, seconds: int) -> tuple[float, int]:
    """Seconds until one of the two tells, and how often the two connect in `seconds` at least."""
    broker = scene.broker()
    with broker, listening(broker.port) as listener, scene.daemon(broker.url) as first:
        listener.wait_for("emotion")
        log = BrokerLog(broker)
        log.skip()
        with scene.daemon(broker.url) as second:
            began = log.wait_for(CAME, PATIENCE_S)
            assert began is not None, "the second comes"
            until(lambda: _told(first.err) or _told(second.err), "one of the two tells", 30.0)
            noticed = time.monotonic() - began
            time.sleep(max(0.0, seconds - noticed))
            comings = sum("New client connected" in line for line in log.new_lines())
            assert (second.end().code, first.end().code) == (0, 0), "both end well"
    return noticed, comings


def _told(lines: list[str]) -> bool:
    return any("--device-id" in line for line in list(lines))
