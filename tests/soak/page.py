"""The figures of a soak as a table: on the terminal and in a page of docs."""

from __future__ import annotations

from typing import Any

from tests.sync_bench.table import Table

KEY = "soak"
COLUMNS = ("what", "measured", "wanted", "met")
GROWTH_MB_PER_H = 1.0
TICKS_SHARE = 0.999
BESIDE_A_MINUTE = 1


def table(report: dict[str, Any]) -> Table:
    """`report` is what `tests.soak.figures.figures` gives, with its `seed`."""
    made = sum(report["faults"].values())
    title = f"{report['minutes']:g} minutes, {made} faults, seed {report['seed']}:"
    return Table(
        KEY, title, COLUMNS, rows=[(what, said, wish, "yes" if met else "no") for what, said, wish, met in rows(report)]
    )


def rows(report: dict[str, Any]) -> list[tuple[str, str, str, bool]]:
    """What was measured, in words, what was wanted, and whether that is what came."""
    made, left = sum(report["faults"].values()), report["not_back"]
    ticks = report["ticks"]
    share = 1 - ticks["lost"] / ticks["wanted"] if ticks["wanted"] else 0.0
    taken = f"not counted: {ticks['taken_by_faults']} while the daemon was switched off or stopped itself"
    beside = report["log_lines_beside_changes"]
    told = f"{report['log_lines']} lines, {report['log_lines'] - beside} of them for a change, {beside} beside"
    missing = f", not after: {', '.join(sorted(set(left)))}" if left else ""
    cpu = f"{report['cpu_percent']} % of a core on the whole"
    return [
        ("resident memory", _memory(report), f"≤ {GROWTH_MB_PER_H:g} MB/h", report["rss_mb_per_h"] <= GROWTH_MB_PER_H),
        *(_held(name, report[name]) for name in ("descriptors", "threads")),
        (
            "ticks",
            f"{100 * share:.2f} % of {ticks['wanted']} answered; {taken}",
            f"≥ {100 * TICKS_SHARE:g} %",
            share >= TICKS_SHARE,
        ),
        (
            "streams",
            f"both online before the next fault {made - len(left)} of {made} times{missing}",
            "each time",
            not left,
        ),
        ("log", told, f"≤ {BESIDE_A_MINUTE} a minute beside", beside <= BESIDE_A_MINUTE * report["minutes"]),
        ("end", f"exit code {report['exit_code']}; {cpu}", "0", report["exit_code"] == 0),
    ]


def _memory(report: dict[str, Any]) -> str:
    (low, high), held = report["rss_mb_per_h_interval"], report["rss_mb"]
    grown = f"{report['rss_mb_per_h']:+.2f} MB/h ({low:+.2f} … {high:+.2f})"
    return f"{grown}: {held['first']} MB after the warm-up, {held['last']} MB at the end"


def met(report: dict[str, Any]) -> bool:
    """Whether every wish was."""
    return all(row[-1] for row in rows(report))


def _held(name: str, ends: dict[str, Any]) -> tuple[str, str, str, bool]:
    if ends["first"] is None:
        return name, "–", "±0", False
    change = ends["last"] - ends["first"]
    told = f"{ends['first']} after the warm-up, {ends['last']} at the end ({ends['least']} … {ends['most']})"
    return name, f"{change:+d}: {told}" if change else f"±0: {told}", "±0", change == 0
