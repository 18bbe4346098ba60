"""The record as tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.table import Table as RichTable

from engines.gpu_bench.bench import Record
from engines.gpu_bench.latency import Latency, ratio


@dataclass(frozen=True)
class Table:
    """Cells are text already."""

    title: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)

    def rich(self) -> RichTable:
        """For the terminal."""
        table = RichTable(title=self.title, title_justify="left")
        for number, column in enumerate(self.columns):
            table.add_column(column, justify="right" if number else "left")
        for row in self.rows:
            table.add_row(*row)
        return table

    def markdown(self) -> str:
        """For docs."""
        lines = [f"**{self.title}**", "", _line(self.columns), _line(["---"] * len(self.columns))]
        return "\n".join([*lines, *(_line(row) for row in self.rows)])


_TITLES = {
    "face": "Face encoder",
    "head": "Window head",
    "tick": "A whole tick: all its faces encoded, one window judged",
}


def tables(record: Record) -> list[Table]:
    """Those for which something was measured."""
    found = [_timed(record, row) for row in record.request.timed]
    if record.absent:
        rows = [(one.row, one.reason) for one in record.absent]
        found.append(Table("Not measured here", ("row", "why"), list(rows)))
    return found


def _timed(record: Record, row: str) -> Table:
    faces = record.request.faces
    table = Table(
        f"{_TITLES[row]}, ms p50 / p99",
        (
            "",
            *(f"{n} face{'s' if n > 1 else ''}" for n in faces),
            f"a second, {faces[-1]}",
            f"against CPU, {faces[-1]}",
        ),
    )
    by_name: dict[str, dict[int, Latency]] = {}
    for one in record.latencies:
        if one.row == row:
            by_name.setdefault(f"{one.contender} {one.precision}", {})[one.faces] = one
    reference = next(iter(by_name.values()), {})
    for name, cells in by_name.items():
        last = cells[faces[-1]]
        figures = [f"{cells[n].p50_ms:.2f} / {cells[n].p99_ms:.2f}" for n in faces]
        table.rows.append((name, *figures, f"{last.per_s:.0f}", f"{ratio(reference[faces[-1]], last):.2f} ×"))
    return table


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
