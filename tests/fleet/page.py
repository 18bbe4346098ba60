"""The figures of a simulation as tables."""

from __future__ import annotations

from typing import Any

from tests.sync_bench.table import Table

SIZES = (200, 1_000, 5_000, 20_000)


def tables(report: dict[str, Any]) -> list[Table]:
    """What was measured, what a device says, and what more of them would be."""
    return [measured(report), kinds(report), sizes(report)]


def kinds(report: dict[str, Any]) -> Table:
    """One row per kind of message, the heaviest first."""
    made = Table("fleet-kinds", "What one device says", ("topic", "messages a minute", "bytes a second", "% of bytes"))
    heaviest = sorted(report["by_kind"].items(), key=lambda item: -item[1]["bytes_per_s"])
    for kind, rate in heaviest:
        share = 100.0 * rate["bytes_per_s"] / report["bytes_per_s"]
        size = rate["bytes_per_s"] / report["devices"]
        made.add(f"…/{kind}", 60.0 * rate["per_s"] / report["devices"], size, f"{share:.1f}")
    return made


def sizes(report: dict[str, Any]) -> Table:
    """Straight lines through what was measured: one subscriber takes everything."""
    note = f"Straight lines from {report['devices']} devices, not measured; one mosquitto uses one core at most."
    columns = ("devices", "messages a second", "MB a second in", "cores for mosquitto", "its memory (MiB)")
    made = Table("fleet-sizes", "More devices, if all goes on in proportion", columns, note)
    empty_mb, grown_mb = report["broker_empty_mb"], report["broker"]["rss_mb"] - report["broker_empty_mb"]
    for count in SIZES:
        times = count / report["devices"]
        made.add(
            f"{count:,}",
            f"{times * report['messages_per_s']:,.0f}",
            f"{times * report['bytes_per_s'] / 1e6:.1f}",
            f"{times * report['broker']['cpu_percent'] / 100:.2f}",
            f"{empty_mb + times * grown_mb:.0f}",
        )
    return made


def measured(report: dict[str, Any]) -> Table:
    """One row per figure."""
    title = f"{report['devices']} devices, {report['rate_hz']:g} results a second each, QoS {report['qos']}"
    made = Table("fleet", title, ("figure", "value"), f"{report['seconds']:.0f} s, one machine, loopback.")
    made.add("messages a second into the broker", f"{report['messages_per_s']:.0f}")
    made.add("of them results", f"{report['results_per_s']:.0f}")
    made.add("kB a second into the broker (topics and payloads)", f"{report['bytes_per_s'] / 1000:.0f}")
    made.add("results lost", _part(report["lost_results"], report["sent"]["emotion"]))
    made.add("other messages lost", str(sum(report["lost_others"].values())))
    made.add("results out of order", str(report["reordered"]))
    made.add("from making a result to the subscriber, p50 / p95 / p99 (ms)", _three(report["latency_ms"]))
    for name in ("broker", "subscriber", "simulator"):
        made.add(f"{name}: CPU, % of one core", f"{report[name]['cpu_percent']:.1f}")
        made.add(f"{name}: memory (MiB)", f"{report[name]['rss_mb']:.0f}")
    made.add("simulator: late with a message, p50 / p95 / p99 (ms)", _three(report["late_ms"]))
    for key, words in (("all_at_once", "all connect at once"), ("after_restart", "after a restart of the broker")):
        if key in report:
            made.add(f"{words}: p50 / p95 / last (s)", _three(report[key], last="max", digits=2))
            made.add(f"{words}: connects a second at most", f"{report[key]['peak_per_s']:.0f}")
    return made


def _part(count: int, whole: int) -> str:
    return f"{count} of {whole}"


def _three(values: dict[str, float], last: str = "p99", digits: int = 1) -> str:
    return " / ".join(f"{values[name]:.{digits}f}" for name in ("p50", "p95", last))
