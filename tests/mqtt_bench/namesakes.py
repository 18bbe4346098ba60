"""Two daemons that call themselves the same."""

from __future__ import annotations

import time

from tests.broker import listening, until
from tests.mqtt_bench.broker_log import BrokerLog
from tests.mqtt_bench.row import Row
from tests.mqtt_bench.scene import CAME, PATIENCE_S, Scene

NOTICED_S = 5.0


def twins(scene: Scene) -> Row:
    """A second daemon of the same device id on the same machine: each connection ends the other's."""
    seconds = scene.amount(60, 30)
    broker = scene.broker()
    with broker, listening(broker.port) as listener, scene.daemon(broker.url) as first:
        listener.wait_for("emotion")
        log = BrokerLog(broker)
        with scene.daemon(broker.url) as second:
            assert log.wait_for(CAME, PATIENCE_S), "the second comes"
            began = time.monotonic()
            until(lambda: _told(first.err) or _told(second.err), "one of the two tells", 30.0)
            noticed = time.monotonic() - began
            time.sleep(max(0.0, seconds - noticed))
            comings = sum("New client connected" in line for line in log.new_lines())
            codes = second.end().code, first.end().code
    return Row(
        f"a second daemon of the same device id, for {seconds} s",
        f"told after {noticed:.1f} s, {comings} connects in {seconds} s",
        f"told ≤ {NOTICED_S:.0f} s, then backed off (≤ 1 connect in 5 s)",
        noticed <= NOTICED_S and comings <= seconds / 5 and codes == (0, 0),
        {"told_s": round(noticed, 2), "connects": comings, "seconds": seconds},
    )


def _told(lines: list[str]) -> bool:
    return any("--device-id" in line for line in list(lines))
