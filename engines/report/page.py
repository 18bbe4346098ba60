"""The report of an evaluation: one page of HTML that loads nothing from anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from html import escape
from pathlib import Path
from typing import Any

from edge.errors import UsageError
from engines.curves import Curve
from engines.report.blocks import Titled, titled_blocks
from engines.report.charts import confusion_chart, curve_chart, interval_chart, people_chart, reliability_chart
from engines.report.style import STYLE
from engines.report.table import notes

_COLUMNS = ("data", "n", "accuracy", "UAR", "macro F1", "ECE")
_PEOPLE = {
    "test": "Nobody in these figures was trained on.",
    "all": "All rows of the archives: they may hold people and pictures that the model was trained on.",
}
_HOW = (
    "Intervals hold the middle 95 % of 1,000 bootstrap resamples of utterances "
    "(or pictures): how far a figure could be off with other utterances of the same people, not with other people. "
    "UAR is the mean recall of the emotions that occur; chance is 14 %. ECE is the mean distance between how sure the "
    "verdicts say they are and how often they are right, in 15 bins."
)

_HEAD = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title><style>{style}</style></head><body><main>
"""


def write_page(path: Path, result: dict[str, Any], curves: Sequence[Path] = ()) -> None:
    """Write the page for a result of `evaluate`, with the training curves of the CSV files `curves`.

    Raises UsageError for a curve that cannot be read and a file that cannot be written.
    """
    content = page(result, [(_curve_name(file), read_curve(file)) for file in curves])
    try:
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"The report {path} cannot be written ({error.strerror}): name another file.") from None


def read_curve(path: Path) -> list[dict[str, float]]:
    """The rows of a training curve. Raises UsageError when the file holds none."""
    if not path.is_file():
        raise UsageError(f"The curve {path} does not exist: name a CSV that a training wrote.")
    try:
        rows = Curve(path).rows()
    except (OSError, UnicodeDecodeError, ValueError, KeyError) as error:
        raise UsageError(f"The curve {path} cannot be read ({error}): name a CSV that a training wrote.") from None
    if not any("step" in row for row in rows):
        raise UsageError(f"The curve {path} holds no steps: name a CSV that a training wrote.")
    return [row for row in rows if "step" in row]


def _curve_name(path: Path) -> str:
    """Every stage writes a `curves.csv` into a folder of its own: that folder tells more."""
    return path.resolve().parent.name if path.stem == "curves" else path.stem


def page(result: dict[str, Any], curves: Sequence[tuple[str, list[dict[str, float]]]] = ()) -> str:
    """The whole page; `result` as `evaluate` gives it."""
    blocks = titled_blocks(result)
    main = [block for block in blocks if block.main]
    how = f"{_PEOPLE.get(result.get('model', {}).get('split', ''), '')} {_HOW}"
    title, model = "How good is the student?", result.get("model", {})
    about = f"Model {str(model.get('sha256', ''))[:8]}, split {model.get('split', '')}, {_today()}."
    parts = [
        f"<header><h1>{title}</h1><p>{escape(about)}</p></header>",
        f"<section><h2>All figures</h2>{_table(blocks)}{_notes(result)}<p class='how'>{how}</p></section>",
        f"<section><h2>UAR and its intervals</h2><figure>{interval_chart(main)}</figure></section>",
        *(_section(block) for block in main),
        *(_curve(name, rows) for name, rows in curves),
    ]
    return _HEAD.format(title=title, style=STYLE) + "\n".join(parts) + "</main></body></html>\n"


def _today() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%d")


def _table(blocks: Sequence[Titled]) -> str:
    rows = []
    for block in blocks:
        cells = [
            str(block.figures["n"]),
            *(_with_interval(block.figures, name) for name in ("accuracy", "uar")),
            *(f"{block.figures[name]:.3f}" if block.figures["n"] else "–" for name in ("macro_f1", "ece")),
        ]
        kind = "" if block.main else " class='finer'"
        values = "".join(f"<td>{cell}</td>" for cell in cells)
        rows.append(f"<tr{kind}><th scope='row'>{escape(block.title.strip())}</th>{values}</tr>")
    head = "".join(f"<th scope='col'>{name}</th>" for name in _COLUMNS)
    return f"<div class='wide'><table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"


def _with_interval(figures: dict[str, Any], name: str) -> str:
    if not figures["n"]:
        return "–"
    interval = figures.get("intervals", {}).get(name)
    low_high = f" <small>{100 * interval[0]:.1f}–{100 * interval[1]:.1f}</small>" if interval else ""
    return f"{figures[name]:.1%}{low_high}"


def _notes(result: dict[str, Any]) -> str:
    return "".join(f"<p>{escape(note)}</p>" for note in notes(result))


def _section(block: Titled) -> str:
    figures, title = block.figures, block.title
    if not figures["n"]:
        return f"<section><h2>{escape(title)}</h2><p>Nothing was judged.</p></section>"
    plots = [
        ("True emotion by row, verdict by column", confusion_chart(figures["confusion"], title)),
        ("Does it know how sure it is?", reliability_chart(figures.get("reliability", []), title, figures["ece"])),
    ]
    if figures.get("people", {}).get("n", 0) > 1:
        mean, sd = figures["people"]["mean"]["uar"], figures["people"]["sd"]["uar"]
        words = f"UAR by person: mean {mean:.1%}, deviation {sd:.1%}"
        plots.append((words, people_chart(figures["people"], title)))
    condition = f"<p>{escape(figures['condition'])}.</p>" if "condition" in figures else ""
    return f"<section><h2>{escape(title)}</h2>{condition}{_grid(plots)}</section>"


def _curve(name: str, rows: list[dict[str, float]]) -> str:
    plots = [
        ("Losses", curve_chart(rows, ("loss", "validation_loss"), name)),
        ("On validation people", curve_chart(rows, ("uar", "accuracy"), name)),
    ]
    return f"<section><h2>Training: {escape(name)}</h2>{_grid(plots)}</section>"


def _grid(plots: Sequence[tuple[str, str]]) -> str:
    figures = "".join(f"<figure>{plot}<figcaption>{escape(words)}</figcaption></figure>" for words, plot in plots)
    return f"<div class='grid'>{figures}</div>"
