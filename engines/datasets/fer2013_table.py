"""FER2013 as Kaggle gives it: a table of `emotion,pixels,Usage`, 48×48 numbers to a picture."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engines.datasets.fer2013 import SIDE

USAGES = ("Training", "PublicTest", "PrivateTest")
LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""The table's 0 … 6."""


@dataclass(frozen=True)
class Table:
    """The good lines, in order, and what is wrong with the others."""

    rows: NDArray[np.int64]
    """(n,) place of each good line among all lines, as in the official numbering: 0 is the first picture."""
    pixels: NDArray[np.uint8]
    """(n, 48, 48)"""
    labels: tuple[str, ...]
    usages: tuple[str, ...]
    bad: dict[int, str]
    """Place to reason."""
    lines: int
    """How many lines there are, good or bad."""


def read_table(content: bytes) -> Table:
    """All of fer2013.csv. Raises ValueError when it lacks a column or is no text."""
    table = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    names = {(name or "").strip().lower(): name for name in table.fieldnames or []}
    missing = [name for name in ("emotion", "pixels", "usage") if name not in names]
    if missing:
        raise ValueError(f"the table lacks the columns {', '.join(missing)}")
    good: list[tuple[int, NDArray[np.uint8], str, str]] = []
    bad: dict[int, str] = {}
    place = -1
    for place, line in enumerate(table):
        try:
            label, usage = _label(line[names["emotion"]]), _usage(line[names["usage"]])
            good.append((place, _pixels(line[names["pixels"]]), label, usage))
        except ValueError as error:
            bad[place] = f"Line {table.line_num}: {error}"
    return Table(
        rows=np.array([row for row, _, _, _ in good], np.int64),
        pixels=np.stack([pixels for _, pixels, _, _ in good]) if good else np.empty((0, SIDE, SIDE), np.uint8),
        labels=tuple(label for _, _, label, _ in good),
        usages=tuple(usage for _, _, _, usage in good),
        bad=bad,
        lines=place + 1,
    )


def _label(text: str | None) -> str:
    if text is None or not text.strip().isdigit() or int(text) >= len(LABELS):
        raise ValueError(f"emotion {text!r} is none of 0 … {len(LABELS) - 1}.")
    return LABELS[int(text)]


def _usage(text: str | None) -> str:
    usage = (text or "").strip()
    if usage not in USAGES:
        raise ValueError(f"Usage {text!r} is none of {', '.join(USAGES)}.")
    return usage


def _pixels(text: str | None) -> NDArray[np.uint8]:
    words = (text or "").split()
    if len(words) != SIDE * SIDE:
        raise ValueError(f"there are {len(words)} pixels, not {SIDE * SIDE}.")
    try:
        values = np.array(words, dtype=np.int64)
    except (ValueError, OverflowError):
        raise ValueError("a pixel is no whole number.") from None
    if values.min() < 0 or values.max() > 255:
        raise ValueError("a pixel is not in 0 … 255.")
    return values.astype(np.uint8).reshape(SIDE, SIDE)
