"""How a student gets into a folder: its files first, then the card that tells of them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edge.infer.card import CARD_FILE, GRAPHS, PRECISIONS, load_card, precision_file
from engines.precision.derive import derive
from engines.precision.evidence import Evidence


def export_precisions(folder: Path, precisions: Sequence[str], evidence: Evidence) -> dict[str, Any]:
    """Make `precisions` of the fp32 files that `folder` holds already; its other files stay. Returns the card.

    Needs no checkpoint. Raises EdgeError when `folder` holds no student, or a precision disagrees with fp32.
    """
    known = load_card(folder)
    card = dict(known.raw)
    kept = {name: card["precisions"][name] for name in known.precisions if name != "fp32"}
    with tempfile.TemporaryDirectory(dir=folder) as name:
        draft = Path(name)
        told = kept | derive(known, draft, precisions, evidence)
        card["precisions"] = {precision: told[precision] for precision in PRECISIONS if precision in told}
        publish(card, draft, folder)
    return card


def publish(card: dict[str, Any], draft: Path, folder: Path) -> None:
    """Move the files of `draft` into `folder`, and `card` at last; files of precisions that it lacks go."""
    write_card(card, draft)
    for path in sorted(draft.iterdir(), key=lambda path: path.name == CARD_FILE):
        path.replace(folder / path.name)
    for precision in PRECISIONS:
        if precision != "fp32" and precision not in card["precisions"]:
            for graph in GRAPHS:
                (folder / precision_file(graph, precision)).unlink(missing_ok=True)


def write_card(card: dict[str, Any], folder: Path) -> None:
    """As `student.json`."""
    (folder / CARD_FILE).write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
