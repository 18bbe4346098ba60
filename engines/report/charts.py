"""The report's plots."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from edge.samples import EMOTIONS
from engines.report.blocks import Titled
from engines.report.svg import Drawing

_CHANCE = 1.0 / len(EMOTIONS)
_SHORT = tuple(emotion[:4] for emotion in EMOTIONS)


def confusion_chart(counts: Sequence[Sequence[int]], title: str) -> str:
    """Rows: what was acted or labelled; columns: the verdict. Shade: share of the row; number: count."""
    cell, left, top = 38.0, 76.0, 34.0
    right_share = [row[place] / max(1, sum(row)) for place, row in enumerate(counts)]
    named = ", ".join(f"{emotion} {share:.0%}" for emotion, share in zip(EMOTIONS, right_share, strict=True))
    drawing = Drawing(left + 7 * cell + 4, top + 7 * cell + 20, f"Confusion matrix of {title}. Recalled: {named}.")
    for place, emotion in enumerate(EMOTIONS):
        drawing.text(left - 6, top + (place + 0.62) * cell, emotion, "end")
        drawing.text(left + (place + 0.5) * cell, top - 8, _SHORT[place], "middle")
    for y, row in enumerate(counts):
        for x, count in enumerate(row):
            share = count / max(1, sum(row))
            drawing.rectangle(left + x * cell, top + y * cell, cell - 2, cell - 2, "mark", max(0.06, share))
            kind = "on-mark" if share > 0.55 else "faint" if count == 0 else ""
            drawing.text(left + (x + 0.47) * cell, top + (y + 0.6) * cell, str(count), "middle", kind)
    drawing.text(left + 3.5 * cell, top + 7 * cell + 15, "verdict", "middle", "faint")
    return drawing.markup()


def reliability_chart(bins: Sequence[dict[str, float]], title: str, ece: float) -> str:
    """Accuracy against confidence; a point's area grows with the number of verdicts, the diagonal is perfect."""
    side, left, top = 264.0, 44.0, 12.0
    alt = f"Reliability diagram of {title}: expected calibration error {ece:.3f}."
    drawing = Drawing(left + side + 12, top + side + 44, alt)
    _square(drawing, left, top, side, "confidence", "accuracy")
    drawing.line((left, top + side), (left + side, top), "dashed")
    most = max((one["n"] for one in bins), default=1)
    points = [(left + one["confidence"] * side, top + (1 - one["accuracy"]) * side) for one in bins]
    for one, point in zip(bins, points, strict=True):
        drawing.line(point, (point[0], top + (1 - one["confidence"]) * side), "gap")
    drawing.path(points, "curve one")
    for one, point in zip(bins, points, strict=True):
        drawing.dot(point, 2.5 + 7 * math.sqrt(one["n"] / most), "mark")
    return drawing.markup()


def _square(drawing: Drawing, left: float, top: float, side: float, below: str, beside: str) -> None:
    """Axes from 0 to 1."""
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        drawing.line((left, top + (1 - tick) * side), (left + side, top + (1 - tick) * side), "rule")
        drawing.text(left - 6, top + (1 - tick) * side + 4, f"{tick:g}", "end", "faint")
        drawing.text(left + tick * side, top + side + 16, f"{tick:g}", "middle", "faint")
    drawing.text(left + side / 2, top + side + 34, below, "middle")
    drawing.text(left + 4, top + 14, beside)


def interval_chart(blocks: Sequence[Titled]) -> str:
    """UAR of each block with its bootstrap interval; the dashed line is chance."""
    left, width, row, top = 18.0, 384.0, 44.0, 10.0
    told = "; ".join(f"{one.title} {one.figures['uar']:.1%}" for one in blocks)
    height = top + len(blocks) * row + 34
    drawing = Drawing(left + width + 22, height, f"Unweighted average recall with 95 % intervals: {told}.")
    bottom = top + len(blocks) * row
    _percent_axis(drawing, left, width, top, bottom)
    drawing.line((left + _CHANCE * width, top), (left + _CHANCE * width, bottom), "dashed")
    for place, one in enumerate(blocks):
        y = top + place * row
        drawing.text(left, y + 14, f"{one.title}: {one.figures['uar']:.1%}", kind="halo")
        low, high = one.figures.get("intervals", {}).get("uar", (one.figures["uar"],) * 2)
        drawing.line((left + low * width, y + 27), (left + high * width, y + 27), "whisker")
        drawing.dot((left + one.figures["uar"] * width, y + 27), 5, "mark")
    return drawing.markup()


def people_chart(people: dict[str, Any], title: str) -> str:
    """UAR of each person, their mean, and the mean ± one deviation as a band."""
    left, width, row, top = 92.0, 300.0, 24.0, 10.0
    each, mean, sd = people["each"], people["mean"]["uar"], people["sd"]["uar"]
    spread = "" if sd is None else f" ± {sd:.1%}"
    alt = f"UAR by person, {title}: {len(each)} people, mean {mean:.1%}{spread}."
    drawing = Drawing(left + width + 22, top + len(each) * row + 34, alt)
    bottom = top + len(each) * row
    _percent_axis(drawing, left, width, top, bottom)
    if sd is not None:
        low, high = max(0.0, mean - sd), min(1.0, mean + sd)
        drawing.rectangle(left + low * width, top, (high - low) * width, bottom - top, "band", 0.18)
    drawing.line((left + mean * width, top), (left + mean * width, bottom), "dashed")
    for place, (person, figures) in enumerate(each.items()):
        y = top + place * row
        drawing.text(left - 6, y + 16, person[:12], "end")
        drawing.rectangle(left, y + 5, figures["uar"] * width, row - 10, "mark", 0.75)
        drawing.text(left + figures["uar"] * width + 5, y + 16, f"{figures['uar']:.0%}", kind="halo")
    return drawing.markup()


def _percent_axis(drawing: Drawing, left: float, width: float, top: float, bottom: float) -> None:
    for percent in (0, 25, 50, 75, 100):
        x = left + percent / 100 * width
        drawing.line((x, top), (x, bottom), "rule")
        drawing.text(x, bottom + 16, f"{percent} %", "middle", "faint")


def curve_chart(rows: Sequence[dict[str, float]], columns: Sequence[str], title: str) -> str:
    """Columns of a training curve over its steps; lines in the order of the page's colours."""
    width, height, left, top = 340.0, 190.0, 52.0, 26.0
    shown = [name for name in columns if any(name in row for row in rows)]
    values = [row[name] for row in rows for name in shown if name in row]
    low, high = min([*values, 0.0]), max([*values, 1e-9])
    last = max([row["step"] for row in rows], default=1.0) or 1.0
    ends = ", ".join(f"{name.replace('_', ' ')} {_newest(rows, name):.3g}" for name in shown)
    drawing = Drawing(left + width + 14, top + height + 40, f"Training curve {title}: at the end {ends}.")
    for part in (0.0, 0.5, 1.0):
        y = top + (1 - part) * height
        drawing.line((left, y), (left + width, y), "rule")
        drawing.text(left - 6, y + 4, f"{low + part * (high - low):.3g}", "end", "faint")
        drawing.text(left + part * width, top + height + 16, f"{part * last:.0f}", "middle", "faint")
    drawing.text(left + width / 2, top + height + 33, "step", "middle", "faint")
    for number, name in enumerate(shown):
        kind = ("one", "two", "three")[number % 3]
        points = [(row["step"] / last, (row[name] - low) / (high - low)) for row in rows if name in row]
        drawing.path([(left + x * width, top + (1 - y) * height) for x, y in points], f"curve {kind}")
        drawing.text(left + number * 125, top - 10, f"— {name.replace('_', ' ')}", "start", f"word {kind}")
    return drawing.markup()


def _newest(rows: Sequence[dict[str, float]], name: str) -> float:
    return next(row[name] for row in reversed(rows) if name in row)
