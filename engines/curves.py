"""Learning curves: one CSV row for each judgement, and a picture of them where matplotlib is installed."""

from __future__ import annotations

import csv
from pathlib import Path

COLUMNS = ("step", "epoch", "loss", "validation_loss", "accuracy", "uar", "rate", "seconds")


class Curve:
    """A CSV file that grows by rows; a resumed training goes on where its checkpoint was written."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def start(self, step: int) -> None:
        """Keep the rows up to `step`: those after it will come again. Step 0 makes an empty file."""
        rows = [row for row in self.rows() if row["step"] <= step] if step else []
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_name(f"{self.path.name}.partial")
        with partial.open("w", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows([_text(row) for row in rows])
        partial.replace(self.path)

    def append(self, row: dict[str, float]) -> None:
        """Add one row; columns that it lacks stay empty, others are not written."""
        with self.path.open("a", newline="") as file:
            csv.DictWriter(file, COLUMNS, extrasaction="ignore").writerow(_text(row))

    def rows(self) -> list[dict[str, float]]:
        """All whole rows as numbers; a row that a kill cut off is left out."""
        if not self.path.exists():
            return []
        with self.path.open(newline="") as file:
            read = [row for row in csv.DictReader(file) if row.get("seconds")]
        return [{name: float(value) for name, value in row.items() if name in COLUMNS and value} for row in read]


def plot_curves(curves: dict[str, Curve], picture: Path) -> bool:
    """Losses and UAR over the steps of each named curve as a PNG; False where matplotlib is missing."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return False
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    losses, recalls = figure.subplots(1, 2)
    for name, curve in curves.items():
        rows = curve.rows()
        for axes, column, style in ((losses, "loss", "-"), (losses, "validation_loss", "--"), (recalls, "uar", "-")):
            points = [(row["step"], row[column]) for row in rows if column in row]
            if points:
                axes.plot(*zip(*points, strict=True), style, label=f"{name}: {column.replace('_', ' ')}")
    for axes in (losses, recalls):
        axes.set_xlabel("step")
        axes.grid(alpha=0.3)
        if axes.lines:
            axes.legend(fontsize="small")
    picture.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(picture, dpi=110)
    return True


def _text(row: dict[str, float]) -> dict[str, str]:
    return {name: f"{value:.6g}" if isinstance(value, float) else str(value) for name, value in row.items()}
