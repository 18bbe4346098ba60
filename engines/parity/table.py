"""The figures of parity as plain text."""

from __future__ import annotations

from engines.parity.backends import Choice
from engines.parity.compare import OutputParity, Parity
from engines.parity.results import Results

COLUMNS = ("logits", "largest", "mean", "labels", "ties", "n")
_WIDTHS = (11, 11, 11, 11, 6, 8)
NAMES = {"face": "face encoder", "head": "window head", "chain": "both"}
_WIDE = 30


def table(results: Results) -> str:
    """A block for each candidate with its verdict, then what could not be compared."""
    feeds = results.feeds
    lines = [
        f"Model {results.model} against ONNX Runtime fp32 ({feeds.source}).",
        f"{len(feeds.crops)} crops, {len(feeds.rows)} rows: "
        + ", ".join(f"{count} {case}" for case, count in feeds.counts().items() if count)
        + ".",
    ]
    for choice, parity in results.compared:
        lines += ["", *_block(choice, parity)]
    absences = results.absences()
    return "\n".join(lines + ([""] if absences else []) + absences)


def _block(choice: Choice, parity: Parity) -> list[str]:
    limits = parity.tolerance
    head = "".join(f"{name:>{width}}" for name, width in zip(COLUMNS, _WIDTHS, strict=True))
    allowed = ("", f"{limits.most:g}", f"{limits.mean:g}", f"{limits.agreement:.0%}", "", "")
    lines = [choice.name.ljust(_WIDE) + head]
    for part, outputs in parity.parts.items():
        lines += [f"  {NAMES[part]}, {name}".ljust(_WIDE) + _line(one) for name, one in outputs.items()]
    lines.append("  allowed".ljust(_WIDE) + "".join(f"{a:>{w}}" for a, w in zip(allowed, _WIDTHS, strict=True)))
    lines.append(f"  embeddings differ by up to {parity.embeddings.most:.1e}, {parity.embeddings.mean:.1e} on average;")
    lines.append(f"  a row in a batch differs from the same row alone by up to {parity.batch.most:.1e}.")
    return [*lines, f"  {parity.words}"]


def cells(one: OutputParity) -> tuple[str, ...]:
    """The figures of COLUMNS."""
    return (
        f"{one.logits.most:.1e}",
        f"{one.probabilities.most:.1e}",
        f"{one.probabilities.mean:.1e}",
        f"{one.agreement.share:.2%}",
        f"{one.agreement.ties}",
        f"{one.agreement.n}",
    )


def _line(one: OutputParity) -> str:
    return "".join(f"{cell:>{width}}" for cell, width in zip(cells(one), _WIDTHS, strict=True))
