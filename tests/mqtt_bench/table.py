"""The rows as a table: on the terminal, in Markdown, as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from rich.table import Table

from tests.mqtt_bench.row import Row

COLUMNS = ("row", "what was done", "measured", "wanted", "met", "s")


def rich_table(rows: Sequence[Row]) -> Table:
    table = Table(*COLUMNS, title="MQTT under faults, against a real mosquitto", title_justify="left", show_lines=True)
    for row in rows:
        table.add_row(*_cells(row), f"{row.seconds:.0f}")
    return table


def markdown(rows: Sequence[Row]) -> str:
    """For docs: without the time that it took."""
    lines = [COLUMNS[:-1], ("---",) * (len(COLUMNS) - 1), *(_cells(row) for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def as_json(rows: Sequence[Row]) -> str:
    return json.dumps([asdict(row) for row in rows], indent=1)


def _cells(row: Row) -> tuple[str, ...]:
    return row.key, row.done, row.measured, row.target, "yes" if row.met else "**no**"
