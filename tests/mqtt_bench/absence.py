"""A broker that is not there: at the start, or for long."""

from __future__ import annotations

import time

from tests.bench.memory import GROWTH_MB, rss_mb
from tests.bench.row import Row, spread
from tests.bench.scene import FRESH_S, Scene, age_s, results
from tests.broker import until
from tests.mqtt_bench.broker_log import CAME, PATIENCE_S, BrokerLog


def absent(scene: Scene) -> Row:
    """Not there when the daemon starts."""
    wanted, back = scene.amount(5, 2), []
    for number in range(wanted):
        scene.tell(f"{number} of {wanted} starts")
        broker = scene.broker()
        with scene.daemon(broker.url) as daemon:
            daemon.wait_for_results(5 + 10 * number)
            log = BrokerLog(broker)
            with broker:
                began = time.monotonic()
                came = log.wait_for(CAME, PATIENCE_S)
                back.append(PATIENCE_S if came is None else came - began)
                with results(broker.port) as listener:
                    listener.wait_for("emotion")
                code = daemon.end().code
    took = spread(back)
    return Row(
        f"no broker at the start, {wanted} times; it comes after 1–10 s of results",
        f"results from the start; connected p50 {took['p50']:.2f} s, max {took['max']:.2f} s after it came",
        "runs without, connects by itself",
        code == 0 and took["max"] < PATIENCE_S,
        {"starts": wanted, "connected_s": took},
    )


def away(scene: Scene) -> Row:
    """Ten minutes without a broker."""
    seconds = scene.amount(600, 20)
    broker = scene.broker()
    with broker, scene.daemon(broker.url) as daemon:
        log = BrokerLog(broker)
        assert log.wait_for(CAME, PATIENCE_S), "the daemon connects"
        daemon.wait_for_results(10)
        before = rss_mb(daemon.child.pid)
        broker.stop()
        for second in range(seconds):
            scene.tell(f"{second} of {seconds} s away")
            time.sleep(1)
        grown = rss_mb(daemon.child.pid) - before
        log.skip()
        broker.start()
        began = time.monotonic()
        came = log.wait_for(CAME, PATIENCE_S)
        back = PATIENCE_S if came is None else came - began
        with results(broker.port) as listener:
            until(lambda: len(listener.heard) > 10, "results again")
            oldest = max(age_s(one) for one in listener.heard)
        lines = sum(str(broker.port) in line for line in daemon.err)
        code = daemon.end().code
    return Row(
        f"broker away for {seconds} s while results go on",
        f"back after {back:.1f} s, oldest result {oldest:.2f} s, RSS {grown:+.1f} MB, {lines} log lines about MQTT",
        f"comes back, none older than {FRESH_S:.0f} s, RSS ≤ +{GROWTH_MB:.0f} MB",
        code == 0 and came is not None and oldest <= FRESH_S and grown <= GROWTH_MB,
        {"away_s": seconds, "reconnect_s": round(back, 2), "oldest_result_s": round(oldest, 3), "rss_mb": grown},
    )
