"""A socket that is open and that nobody reads."""

from __future__ import annotations

import time

from tests.bench.memory import GROWTH_MB, rss_mb
from tests.bench.row import Row, spread
from tests.bench.scene import Scene
from tests.mqtt_bench.mute import Mute
from tests.mqtt_bench.spoken import Spoken

PUBLISH_US = 1000.0
NOTICED_S = 20.0
SETTLE_S = 8.0
STOP_S = 5.0


def stalled(scene: Scene) -> Row:
    """The broker stands still in the middle of 100 results and 20 events a second."""
    seconds = scene.amount(60, 25)
    broker = scene.broker()
    with broker, Spoken(broker.url) as spoken:
        spoken.wait_until(connected=True, timeout_s=30)
        time.sleep(SETTLE_S)
        began = time.monotonic()
        broker.stall()
        scene.tell(f"{seconds} s of standstill")
        spoken.watch(seconds)
        broker.resume()
        before, during = spoken.during(began - SETTLE_S, began), spoken.during(began, began + seconds)
        lost = spoken.lost_after(began)
        spoken.wait_until(connected=True, timeout_s=45)
    took = spread([call for one in during for call in one.calls_us])
    grown = max(one.rss_mb for one in during) - before[-1].rss_mb
    calls = sum(len(one.calls_us) for one in during)
    return Row(
        f"broker stands still (SIGSTOP) for {seconds} s under 120 messages a second",
        f"publish p99 {took['p99'] / 1000:.2f} ms, max {took['max'] / 1000:.1f} ms of {calls} calls; "
        f"RSS {grown:+.1f} MB; "
        f"noticed {'never' if lost is None else f'after {lost:.1f} s'}",
        f"p99 ≤ 1 ms, RSS ≤ +{GROWTH_MB:.0f} MB, noticed ≤ {NOTICED_S:.0f} s",
        took["p99"] <= PUBLISH_US and grown <= GROWTH_MB and lost is not None and lost <= NOTICED_S,
        {"publish_us": took, "calls": calls, "rss_mb": round(grown, 1), "noticed_s": lost},
    )


def mute(scene: Scene) -> Row:
    """Something that accepts and never reads is taken for a broker, by the real daemon."""
    seconds = scene.amount(40, 15)
    with Mute() as server, scene.daemon(server.url) as daemon:
        began = time.monotonic()
        daemon.wait_for_results(10)
        before = rss_mb(daemon.child.pid)
        daemon.wait_for(server.url, max(seconds, NOTICED_S + 5.0))
        noticed = time.monotonic() - began
        time.sleep(max(0.0, seconds - noticed))
        grown = rss_mb(daemon.child.pid) - before
        lines = sum(server.url in line for line in daemon.err)
        asked = time.monotonic()
        code = daemon.end().code
        stop_s = time.monotonic() - asked
    return Row(
        f"a server that accepts and never reads, for {seconds} s",
        f"told {noticed:.1f} s after the start, {lines} log line{'s' * (lines != 1)}, RSS {grown:+.1f} MB; "
        f"stop takes {stop_s:.1f} s",
        f"told ≤ {NOTICED_S:.0f} s, RSS ≤ +{GROWTH_MB:.0f} MB, stop ≤ {STOP_S:.0f} s",
        code == 0 and noticed <= NOTICED_S and grown <= GROWTH_MB and stop_s <= STOP_S,
        {"told_s": round(noticed, 1), "log_lines": lines, "rss_mb": round(grown, 1), "stop_s": round(stop_s, 2)},
    )
