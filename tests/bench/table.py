"""The rows as a table: on the terminal, in Markdown, as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from tests.bench.row import Row
from tests.sync_bench.table import Table

COLUMNS = ("row", "what was done", "measured", "wanted", "met")


def table(rows: Sequence[Row], title: str, key: str = "faults") -> Table:
    """`key` is the name of its marks in a page."""
    return Table(key, title, COLUMNS, rows=[_cells(row) for row in rows])


def as_json(rows: Sequence[Row]) -> str:
    return json.dumps([asdict(row) for row in rows], indent=1)


def _cells(row: Row) -> tuple[str, ...]:
    return row.key, row.done, row.measured, row.target, "yes" if row.met else "no"
