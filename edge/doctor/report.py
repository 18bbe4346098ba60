"""How findings are shown: a table on a terminal, plain lines through a pipe, or JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from edge.doctor.finding import Finding, Verdict

_COLOURS = {Verdict.OK: "green", Verdict.WARNING: "yellow", Verdict.FAILED: "bold red", Verdict.NOT_APPLICABLE: "dim"}


def can_run(findings: Mapping[str, Finding]) -> bool:
    """Whether nothing failed."""
    return all(finding.verdict is not Verdict.FAILED for finding in findings.values())


def conclusion(findings: Mapping[str, Finding]) -> str:
    """The last line."""
    failed = [name for name, finding in findings.items() if finding.verdict is Verdict.FAILED]
    warned = [name for name, finding in findings.items() if finding.verdict is Verdict.WARNING]
    if failed:
        return f"This machine cannot run: {', '.join(failed)}."
    return f"This machine can run; look at: {', '.join(warned)}." if warned else "This machine can run."


def as_json(findings: Mapping[str, Finding], board: Mapping[str, Any]) -> dict[str, Any]:
    """`can_run`, the `checks` by name, and the `board`'s facts."""
    checks = {
        name: {"verdict": finding.verdict.value, "found": finding.found, "remedy": finding.remedy or None}
        for name, finding in findings.items()
    }
    return {"can_run": can_run(findings), "checks": checks, "board": dict(board)}


def print_table(findings: Mapping[str, Finding], console: Console) -> None:
    """For a terminal."""
    table = Table(box=None, pad_edge=False)
    for heading in ("check", "", "found, and how to mend it"):
        table.add_column(heading, overflow="fold", no_wrap=heading != "found, and how to mend it")
    for name, finding in findings.items():
        found = Text(finding.found)
        if finding.remedy:
            found.append(f"\n{finding.remedy}", style="bold")
        table.add_row(name, Text(finding.verdict.value, style=_COLOURS[finding.verdict]), found)
    console.print(table)
    console.print(Text(conclusion(findings)))


def plain_lines(findings: Mapping[str, Finding]) -> list[str]:
    """A line for each check, for a pipe; the remedy stands at the end of the line."""
    width = max((len(name) for name in findings), default=0)
    lines = []
    for name, finding in findings.items():
        remedy = f" -> {finding.remedy}" if finding.remedy else ""
        lines.append(f"{name:<{width}}  {finding.verdict.value:<14}  {finding.found}{remedy}")
    return [*lines, conclusion(findings)]
