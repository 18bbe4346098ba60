"""The figures of `edge-engines evaluate` as a table of plain text."""

from __future__ import annotations

from typing import Any

from engines.report.blocks import Titled, titled_blocks

_HEADINGS = ("n", "accuracy", "UAR", "95 % of resamples", "macro F1", "ECE")
_WIDTHS = (7, 10, 9, 19, 10, 8)


def table(result: dict[str, Any]) -> str:
    """One line for each block, then what fusing gains, how far the student is from its teacher, what was skipped."""
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
        gain, low, high = (_points(value) for value in (fusion["uar"], *fusion["interval"]))
        better = {"video": "the face", "audio": "the voice"}[fusion["better"]]
        found.append(
            f"Face and voice together: {gain} points of UAR over {better} alone, 95 % of resamples {low} … {high}."
        )
    found += _distances(result)
    skipped = {block.title: block.figures.get("skipped", []) for block in titled_blocks(result)}
    skipped["film"] = result.get("av", {}).get("skipped", [])
    skipped["whole films"] = result.get("av", {}).get("clips", {}).get("skipped", [])
    for title, rows in skipped.items():
        found += [f"Skipped in {title}: {one['file']} ({one['reason'].rstrip('.')})." for one in rows]
    return found


def _distances(result: dict[str, Any]) -> list[str]:
    """One sentence for each block that the teacher was judged on too."""
    teacher = {block.title: block.figures for block in titled_blocks(result.get("teacher", {}))}
    pairs = [(block, teacher[block.title]) for block in titled_blocks(result) if block.main and block.title in teacher]
    said = []
    for block, other in pairs:
        accuracy, uar = (_points(block.figures[name] - other[name]) for name in ("accuracy", "uar"))
        said.append(f"{block.title}: the student less its teacher {accuracy} points of accuracy, {uar} of UAR.")
    return said


def _points(share: float) -> str:
    return f"{100 * share:+.1f}".replace("-", "−")


def _line(block: Titled) -> str:
    figures = block.figures
    if not figures["n"]:
        return f"{0:>{_WIDTHS[0]}}" + "".join(f"{'–':>{width}}" for width in _WIDTHS[1:])
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
