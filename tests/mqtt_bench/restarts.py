"""A broker that goes and comes."""

from __future__ import annotations

import time

from tests.bench.row import Row, spread
from tests.bench.scene import FRESH_S, Scene, age_s, results
from tests.mqtt_bench.broker_log import CAME, PATIENCE_S, BrokerLog

RECONNECT_S = 3.0


def restarts(scene: Scene) -> Row:
    """Killed and started again on its port, with nothing kept, at odd moments."""
    wanted = scene.amount(100, 10)
    broker = scene.broker()
    back: list[float] = []
    with broker, scene.daemon(broker.url) as daemon:
        log = BrokerLog(broker)
        assert log.wait_for(CAME, PATIENCE_S), "the daemon connects"
        with results(broker.port) as listener:
            listener.wait_for("emotion")
            for number in range(wanted):
                scene.tell(f"{number} of {wanted} restarts")
                time.sleep(scene.chance.uniform(0.2, 1.5))
                broker.stop()
                time.sleep(scene.chance.uniform(0.0, 2.0))
                log.skip()
                broker.start()
                began = time.monotonic()
                came = log.wait_for(CAME, PATIENCE_S)
                back.append(PATIENCE_S if came is None else came - began)
            after = len(listener.heard)
            listener.wait_for("emotion", after=after)
            ages = [age_s(one) for one in listener.heard]
        alive = daemon.end().code == 0
    took, oldest = spread(back), max(ages)
    return Row(
        f"broker killed and started again {wanted} times, 0–2 s away each time",
        f"back after p50 {took['p50']:.2f} s, p95 {took['p95']:.2f} s, max {took['max']:.2f} s; "
        f"{len(ages)} results, the oldest {oldest:.2f} s",
        f"p95 ≤ {RECONNECT_S:.0f} s, none older than {FRESH_S:.0f} s",
        alive and took["p95"] <= RECONNECT_S and oldest <= FRESH_S,
        {"restarts": wanted, "reconnect_s": took, "oldest_result_s": round(oldest, 3)},
    )
