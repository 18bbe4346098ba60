"""One simulation from the first connect to the last: what is measured when."""

from __future__ import annotations

import asyncio
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edge.errors import UsageError
from tests.broker import Mosquitto
from tests.fleet.cost import Cost
from tests.fleet.device import Habits
from tests.fleet.fleet import Fleet
from tests.fleet.script import script
from tests.fleet.subscriber import Subscriber
from tests.fleet.tally import lost

STEP_S = 0.1
DRAIN_S = 0.5
OUTAGE_S = 2.0
PEAK_S = 0.1
SCENES = 16
SPARE_FILES = 200


@dataclass(frozen=True)
class Plan:
    """What to simulate. `storm` restarts the broker under the fleet afterwards; `nagle` leaves mosquitto's default,
    to hold a packet back until the last one is acknowledged, as it is.
    """

    devices: int = 200
    seconds: float = 30.0
    rate_hz: float = 5.0
    qos: int = 0
    storm: bool = True
    nagle: bool = False


def simulate(plan: Plan, on_progress: Callable[[float], None]) -> dict[str, Any]:
    """Run `plan` against a mosquitto of its own; `on_progress` gets seconds of talk that have passed."""
    _allow_connections(plan.devices)
    config = f"set_tcp_nodelay {'false' if plan.nagle else 'true'}"
    with tempfile.TemporaryDirectory() as folder, Mosquitto(Path(folder), config) as broker:
        return asyncio.run(_simulated(plan, broker, on_progress))


def _allow_connections(count: int) -> None:
    """Each costs a file here and one in the broker; raises UsageError when the system's limit is too low."""
    needed = count + SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and needed > hard:
        raise UsageError(f"--devices {count} needs {needed} open files, this system allows {hard}: take fewer devices.")
    if soft != resource.RLIM_INFINITY and needed > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


async def _simulated(plan: Plan, broker: Mosquitto, on_progress: Callable[[float], None]) -> dict[str, Any]:
    scripts = [script(seed, plan.rate_hz) for seed in range(SCENES)]
    fleet = Fleet(plan.devices, Habits(broker.port, plan.rate_hz, plan.qos, scripts))
    report: dict[str, Any] = {"devices": plan.devices, "rate_hz": plan.rate_hz, "qos": plan.qos}
    with Subscriber(broker.port, plan.qos) as subscriber:
        report["broker_empty_mb"] = Cost(broker._child.pid).rss_mb
        began_ns = time.monotonic_ns()
        async with fleet.running():
            report["all_at_once"] = arrivals(await fleet.all_ready(began_ns))
            report |= await _steady(plan, fleet, broker, subscriber, on_progress)
            if plan.storm:
                report["after_restart"] = arrivals(await _restarted(fleet, broker))
    return report


async def _steady(
    plan: Plan, fleet: Fleet, broker: Mosquitto, subscriber: Subscriber, on_progress: Callable[[float], None]
) -> dict[str, Any]:
    """Everybody talks for a while, nobody connects."""
    costs = {"broker": Cost(broker._child.pid), "subscriber": Cost(subscriber.pid), "simulator": Cost()}
    sent_before, bytes_before, began_s = fleet.sent, fleet.bytes_sent, time.monotonic()
    fleet.let(True)
    while (passed_s := time.monotonic() - began_s) < plan.seconds:
        await asyncio.sleep(min(STEP_S, plan.seconds - passed_s))
        on_progress(min(plan.seconds, time.monotonic() - began_s))
    fleet.let(False)
    spent = {name: {"cpu_percent": cost.cpu_percent, "rss_mb": cost.rss_mb} for name, cost in costs.items()}
    seconds = time.monotonic() - began_s
    sent, size = fleet.sent - sent_before, fleet.bytes_sent - bytes_before
    await asyncio.sleep(DRAIN_S)
    heard = subscriber.end()
    return {
        "seconds": seconds,
        "messages_per_s": sent.total() / seconds,
        "results_per_s": sent["emotion"] / seconds,
        "bytes_per_s": size.total() / seconds,
        "by_kind": {kind: {"per_s": sent[kind] / seconds, "bytes_per_s": size[kind] / seconds} for kind in sent},
        "latency_ms": heard["latency_ms"],
        **losses(fleet, heard),
        **spent,
        "late_ms": quantiles([late for device in fleet.devices for late in device.late_ms]),
    }


def losses(fleet: Fleet, heard: dict[str, Any]) -> dict[str, Any]:
    """What was handed to a standing connection and never came, by device and by kind of topic."""
    results = lost({device.name: device.sent["emotion"] for device in fleet.devices}, heard["results"])
    others = lost({kind: count for kind, count in fleet.sent.items() if kind != "emotion"}, heard["heard"])
    return {
        "sent": dict(fleet.sent),
        "lost_results": sum(results.values()),
        "lost_results_by_device": results,
        "lost_others": others,
        "repeated": heard["repeated"],
        "reordered": heard["reordered"],
    }


async def _restarted(fleet: Fleet, broker: Mosquitto) -> list[float]:
    fleet.let(True)
    broker.stop()
    await asyncio.sleep(OUTAGE_S)
    back_ns = time.monotonic_ns()
    await asyncio.to_thread(broker.start)
    return await fleet.all_ready(back_ns)


def arrivals(seconds: Sequence[float]) -> dict[str, float]:
    """When devices stood, from sorted `seconds`, and how many of them at most within a tenth of a second."""
    times = np.asarray(seconds)
    peak = max(np.searchsorted(times, times + PEAK_S, side="right") - np.arange(len(times)))
    return {**quantiles(seconds), "peak_per_s": float(peak / PEAK_S)}


def quantiles(values: Sequence[float]) -> dict[str, float]:
    """Median, 95th and 99th percentile and the largest."""
    p50, p95, p99, largest = np.percentile(values if len(values) else [np.nan], (50, 95, 99, 100))
    return {"p50": float(p50), "p95": float(p95), "p99": float(p99), "max": float(largest)}
