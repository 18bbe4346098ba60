"""The figures of `edge-engines evaluate` as a table of plain text."""

from __future__ import annotations

from typing import Any

from engines.report.blocks import Titled, titled_blocks

_HEADINGS = ("n", "accuracy", "UAR", "95 % of resamples", "macro F1", "ECE")
_WIDTHS = (7, 10, 9, 19, 10, 8)


def table(result: dict[str, Any]) -> str:
    """One line for each block, then what fusing gains, by how much a student trails its teacher, what was skipped."""
    blocks = titled_blocks(result)
    wide = max([len(block.title) for block in blocks], default=0) + 2
    lines = [" " * wide + "".join(f"{name:>{width}}" for name, width in zip(_HEADINGS, _WIDTHS, strict=True))]
    lines += [block.title.ljust(wide) + _line(block) for block in blocks]
    return "\n".join(lines + notes(result))


def notes(result: dict[str, Any]) -> list[str]:
    """Sentences beside the figures."""
    found = []
    fusion = result.get("av", {}).get("fusion")
    if fusion:
        low, high = (100 * value for value in fusion["interval"])
        found.append(
            f"Face and voice together: {100 * fusion['uar']:+.1f} points of UAR over {fusion['better']} alone, "
            f"95 % of resamples {low:+.1f} … {high:+.1f}."
        )
    for block in titled_blocks(result):
        for one in block.figures.get("skipped", ()):
            found.append(f"Skipped in {block.title}: {one['file']} ({one['reason'].rstrip('.')}).")
    found += [f"Skipped in film: {one['file']} ({one['reason']})." for one in result.get("av", {}).get("skipped", ())]
    return found


def _line(block: Titled) -> str:
    figures = block.figures
    low, high = figures.get("intervals", {}).get("uar", (None, None))
    cells = (
        f"{figures['n']}",
        f"{100 * figures['accuracy']:.1f} %",
        f"{100 * figures['uar']:.1f} %",
        "" if low is None else f"{100 * low:.1f} … {100 * high:.1f} %",
        f"{figures['macro_f1']:.3f}",
        f"{figures['ece']:.3f}",
    )
    return "".join(f"{cell:>{width}}" for cell, width in zip(cells, _WIDTHS, strict=True))
