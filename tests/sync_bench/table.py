"""A table of figures: on the terminal, in Markdown, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.table import Table as RichTable

Cell = str | float | int | None


@dataclass
class Table:
    """`key` names it on the command line. A cell that is None was not measured or does not exist."""

    key: str
    title: str
    columns: Sequence[str]
    note: str = ""
    rows: list[Sequence[Cell]] = field(default_factory=list)

    def add(self, *cells: Cell) -> None:
        """One row."""
        self.rows.append(cells)

    def rich(self) -> RichTable:
        """For the terminal."""
        table = RichTable(title=self.title, caption=self.note, title_justify="left", caption_justify="left")
        for number, column in enumerate(self.columns):
            table.add_column(column, justify="right" if number else "left")
        for row in self.rows:
            table.add_row(*(shown(cell) for cell in row))
        return table

    def markdown(self) -> str:
        """For docs."""
        lines = [f"**{self.title}** {self.note}".strip(), "", _line(self.columns), _line(["---"] * len(self.columns))]
        return "\n".join([*lines, *(_line([shown(cell) for cell in row]) for row in self.rows)])

    def json(self) -> dict[str, Any]:
        """Title and rows by column."""
        rows = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        return {"title": self.title, "note": self.note, "rows": rows}


def shown(cell: Cell) -> str:
    """A float with as many digits as matter."""
    if cell is None:
        return "–"
    if isinstance(cell, float):
        return f"{cell:.0f}" if abs(cell) >= 10 else f"{cell:.1f}" if abs(cell) >= 1 or cell == 0 else f"{cell:.2g}"
    return str(cell)


def percent(share: float | None) -> int | None:
    """0 … 1 as 0 … 100."""
    return None if share is None else round(100 * share)


def hundredths(value: float) -> str:
    """A figure in which two places after the point matter."""
    return f"{value:.2f}"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
