"""The page of `edge-engines parity --report`: plots first, the figures below; it loads nothing from anywhere."""

from __future__ import annotations

from datetime import datetime, timezone
from html import escape
from pathlib import Path

import numpy as np

from edge.errors import UsageError
from edge.samples import EMOTIONS
from engines.parity.backends import Choice
from engines.parity.charts import agreement_chart, error_chart, scatter_chart
from engines.parity.compare import OutputParity, Parity
from engines.parity.results import Results
from engines.parity.table import COLUMNS, NAMES, cells
from engines.report.charts import confusion_chart
from engines.report.style import STYLE

_HEAD = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Do the engines say the same?</title><style>{style}svg .bad {{ fill: var(--two); }}</style></head><body><main>
"""
_ERRORS = (
    "Large dot: the largest error of any probability of any row; small dot: the mean. The upright bar is the largest "
    "that is allowed. 1e-2 is one percentage point."
)


_LABELS = (
    "Share of rows with the reference's winner; where the reference sees a tie, either is right. The upright bar is "
    "the least that is allowed."
)
_SCATTER = "by how much each probability differs; between the dashes is allowed"
_CONFUSION = "the reference's labels by row, the candidate's by column"


def write_page(path: Path, results: Results) -> None:
    """Write the page. Raises UsageError for a file that cannot be written."""
    try:
        path.write_text(page(results), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"The report {path} cannot be written ({error.strerror}): name another file.") from None


def page(results: Results) -> str:
    """The whole page."""
    feeds, today = results.feeds, datetime.now(timezone.utc).strftime("%Y-%m-%d")
    about = (
        f"Model {results.model} against ONNX Runtime fp32, {today}: {len(feeds.crops)} crops and {len(feeds.rows)} "
        f"rows of {feeds.source}."
    )
    cases = ", ".join(f"{count} {case}" for case, count in feeds.counts().items() if count)
    parts = [
        f"<header><h1>Do the engines say the same?</h1><p>{escape(about)}</p><p>{escape(cases)}.</p></header>",
        _verdicts(results),
    ]
    if results.compared:
        charts = {"Errors": (error_chart, _ERRORS), "Labels": (agreement_chart, _LABELS)}
        parts += [
            f"<section><h2>{title}</h2>{_figure(chart(results.compared), words)}</section>"
            for title, (chart, words) in charts.items()
        ]
    parts += [_section(choice, parity) for choice, parity in results.compared]
    return _HEAD.format(style=STYLE) + "\n".join(parts) + "</main></body></html>\n"


def _verdicts(results: Results) -> str:
    lines = [
        f"<p><strong>{escape(choice.name)}: {'accepted' if parity.accepted else 'refused'}.</strong> "
        f"{escape(parity.words)}</p>"
        for choice, parity in results.compared
    ]
    lines += [f"<p>{escape(line)}</p>" for line in results.absences()]
    return f"<section><h2>Verdicts</h2>{''.join(lines)}</section>"


def _section(choice: Choice, parity: Parity) -> str:
    most = parity.tolerance.most
    outputs = parity.parts["chain"].values()
    plots = [_figure(scatter_chart(one, choice, most), f"{one.output}: {_SCATTER}") for one in outputs]
    plots += [
        _figure(confusion_chart(_labels(one), f"{choice.name}, {one.output}"), f"{one.output}: {_CONFUSION}")
        for one in outputs
    ]
    why = f"<p class='how'>Allowed, and why: {escape(parity.tolerance.reason)}</p>"
    grid = f"<div class='grid'>{''.join(plots)}</div>"
    return f"<section><h2>{escape(choice.name)}</h2>{why}{grid}{_table(parity)}</section>"


def _labels(one: OutputParity) -> list[list[int]]:
    """(7, 7) counts."""
    counts = np.zeros((len(EMOTIONS), len(EMOTIONS)), np.int64)
    truth, said = (values.argmax(axis=1) for values in one.scatter)
    np.add.at(counts, (truth, said), 1)
    return [[int(count) for count in row] for row in counts]


def _table(parity: Parity) -> str:
    head = "".join(f"<th scope='col'>{name}</th>" for name in ("", *COLUMNS))
    rows = "".join(
        f"<tr><th scope='row'>{NAMES[part]}, {name}</th>" + "".join(f"<td>{cell}</td>" for cell in cells(one)) + "</tr>"
        for part, outputs in parity.parts.items()
        for name, one in outputs.items()
    )
    return f"<div class='wide'><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"


def _figure(plot: str, words: str) -> str:
    return f"<figure>{plot}<figcaption>{escape(words)}</figcaption></figure>"
