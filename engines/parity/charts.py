"""The plots of the page: errors against what is allowed, probabilities against probabilities, labels against labels."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from edge.samples import Floats
from engines.parity.backends import Choice
from engines.parity.compare import OutputParity, Parity
from engines.report.svg import Drawing

_DECADES = (-8, 0)
_MOST_DOTS = 1500
Compared = Sequence[tuple[Choice, Parity]]


def error_chart(compared: Compared) -> str:
    """Largest (filled) and mean error of each output of the chain, on a log scale; the bar is what is allowed."""
    left, width, row, top = 190.0, 340.0, 22.0, 12.0
    rows = [(choice, parity, one) for choice, parity in compared for one in parity.parts["chain"].values()]
    told = "; ".join(f"{c.name} {one.output} {one.probabilities.most:.1e}" for c, _, one in rows)
    drawing = Drawing(left + width + 22, top + len(rows) * row + 44, f"Largest error of each output: {told}.")
    bottom = top + len(rows) * row
    for decade in range(_DECADES[0], _DECADES[1] + 1, 2):
        x = left + _log_place(10.0**decade) * width
        drawing.line((x, top), (x, bottom), "rule")
        drawing.text(x, bottom + 16, f"1e{decade}" if decade else "1", "middle", "faint")
    for place, (choice, parity, one) in enumerate(rows):
        y = top + (place + 0.5) * row
        kind = "mark" if one.probabilities.most <= parity.tolerance.most else "bad"
        drawing.text(left - 8, y + 4, f"{choice.name}, {one.output}", "end")
        allowed = left + _log_place(parity.tolerance.most) * width
        drawing.line((allowed, y - row / 2 + 2), (allowed, y + row / 2 - 2), "gap")
        ends = [left + _log_place(value) * width for value in (one.probabilities.mean, one.probabilities.most)]
        drawing.line((ends[0], y), (ends[1], y), "rule")
        drawing.dot((ends[0], y), 2.5, kind)
        drawing.dot((ends[1], y), 5, kind)
    drawing.text(left + width / 2, bottom + 34, "absolute error of a calibrated probability", "middle")
    return drawing.markup()


def _log_place(value: float) -> float:
    """0 … 1 along _DECADES; nothing at all stands at the left edge, infinity at the right one."""
    low, high = _DECADES
    if value <= 0.0:
        return 0.0
    return min(1.0, max(0.0, (math.log10(min(value, 1.0)) - low) / (high - low)))


def scatter_chart(one: OutputParity, choice: Choice, most: float) -> str:
    """Each probability: the reference's to the right, how far off the candidate is upwards; between dashes: allowed."""
    side, left, top = 264.0, 56.0, 12.0
    truth, said = (values.ravel() for values in one.scatter)
    alt = f"{choice.name}, {one.output}: {len(truth)} probabilities, the largest error is {one.probabilities.most:.1e}."
    drawing = Drawing(left + side + 12, top + side + 44, alt)
    largest = min(1.0, one.probabilities.most)
    reach = 1.15 * max(most, largest)

    def height(error: float) -> float:
        return top + (1 - error / reach) * side / 2

    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        drawing.text(left + tick * side, top + side + 16, f"{tick:g}", "middle", "faint")
    for error in (-most, 0.0, most):
        drawing.line((left, height(error)), (left + side, height(error)), "dashed" if error else "rule")
        drawing.text(left - 6, height(error) + 4, f"{error:+g}" if error else "0", "end", "faint")
    for x, error in _spread(truth, said):
        drawing.dot((left + x * side, height(error)), 1.6, "mark")
    drawing.text(left + side / 2, top + side + 34, "probability in ONNX Runtime fp32", "middle")
    drawing.text(left + 4, top + 10, f"{choice.name}, {one.output}: error", kind="halo")
    return drawing.markup()


def _spread(truth: Floats, said: Floats) -> list[tuple[float, float]]:
    """(probability, error): the largest errors, and of the others every so many-th."""
    finite = np.isfinite(said)
    truth, errors = truth[finite], said[finite] - truth[finite]
    largest_first = np.argsort(-np.abs(errors), kind="stable")
    largest, others = largest_first[: _MOST_DOTS // 3], largest_first[_MOST_DOTS // 3 :]
    step = max(1, -(-len(others) // (_MOST_DOTS - _MOST_DOTS // 3)))
    chosen = np.concatenate([largest, others[::step]])
    return list(zip(truth[chosen].tolist(), errors[chosen].tolist(), strict=True))


def agreement_chart(compared: Compared) -> str:
    """Share of rows with the reference's label, from 90 % on; the bar is the least that is allowed."""
    left, width, row, top = 190.0, 300.0, 22.0, 12.0
    rows = [(choice, parity, one) for choice, parity in compared for one in parity.parts["chain"].values()]
    told = "; ".join(f"{c.name} {one.output} {one.agreement.share:.2%}" for c, _, one in rows)
    drawing = Drawing(left + width + 66, top + len(rows) * row + 28, f"Labels that are the reference's: {told}.")
    bottom = top + len(rows) * row
    for percent in (90, 95, 100):
        x = left + (percent - 90) / 10 * width
        drawing.line((x, top), (x, bottom), "rule")
        drawing.text(x, bottom + 16, f"{percent} %", "middle", "faint")
    for place, (choice, parity, one) in enumerate(rows):
        y, share = top + place * row, one.agreement.share
        drawing.text(left - 8, y + 15, f"{choice.name}, {one.output}", "end")
        drawing.rectangle(left, y + 5, max(0.0, share - 0.9) * 10 * width, row - 10, "mark", 0.75)
        allowed = left + (parity.tolerance.agreement - 0.9) * 10 * width
        drawing.line((allowed, y + 2), (allowed, y + row - 2), "gap")
        drawing.text(left + width + 8, y + 15, f"{share:.2%}")
    return drawing.markup()
