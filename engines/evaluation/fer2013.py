"""Judges single pictures: FER2013 and archives of its form."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engines.datasets.fer2013 import SIDE, sheet_tiles
from engines.datasets.labels import label_index
from engines.evaluation.answers import Answers
from engines.evaluation.judge import Model, pictures_only
from engines.evaluation.packs import POSITION, Row, refused, zip_pack
from engines.faces import find_detector, small_picture_crop
from engines.progress import progress

_WHAT = "a FER2013 archive (a zip with labels.csv: usage, fer_label; and sheets/*.webp)"
_BATCH = 512


@dataclass(frozen=True)
class Pictures:
    """Rows of one archive: gray pictures (n, 48, 48), and which of them are certain."""

    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]
    certain: NDArray[np.bool_]
    """Not marked as doubtful, and no copy of a picture of another usage."""
    held_out: NDArray[np.bool_]
    """Of any usage but Training."""

    def rows(self, split: str) -> NDArray[np.int64]:
        """All of them, or (`test`) those that are held out and certain."""
        return np.flatnonzero(self.certain & self.held_out if split == "test" else np.ones_like(self.certain))


def evaluate_fer2013(model: Model, archive: Path, split: str = "test", most: int | None = None) -> dict[str, Any]:
    """Figures of single pictures; `most` takes that many, evenly spread.

    When doubtful labels are among the rows (split `all`), `certain` has the figures without them.
    """
    pictures = read_pictures(archive)
    rows = thinned(pictures.rows(split), most)
    detector = find_detector(archive.parent)
    said = [np.empty((0, 7), np.float32)]
    for at in progress(range(0, len(rows), _BATCH), "faces of FER2013"):
        crops = [small_picture_crop(pictures.pixels[row], detector)[0] for row in rows[at : at + _BATCH]]
        said.append(model.probabilities(pictures_only(model.embeddings(crops), model.picture_slots))["video"])
    answers, nobody = np.concatenate(said), np.array([], np.str_)
    block = Answers(pictures.labels[rows], nobody, answers).block()
    sure = pictures.certain[rows]
    if not sure.all():
        block["certain"] = Answers(pictures.labels[rows][sure], nobody, answers[sure]).block()
    return block


def read_pictures(archive: Path) -> Pictures:
    """All labelled pictures. Raises UsageError on an archive of another form."""
    with zip_pack(archive, "labels.csv", "fer_label", _WHAT, "usage") as pack, refused(archive, _WHAT):
        sheets = [sheet_tiles(pack.read(name)) for name in pack.names if name.endswith(".webp")]
        rows, tiles = pack.rows, np.concatenate([np.empty((0, SIDE, SIDE), np.uint8), *sheets])
        listed = 1 + max((int(row[POSITION]) for row in rows), default=-1)
        if listed > len(tiles):
            raise ValueError(f"its table lists {listed} pictures, its sheets hold {len(tiles)}")
        usages: dict[str, set[str]] = {}
        for row in rows:
            usages.setdefault(row.get("dup_group") or "-1", set()).add(row["usage"])
        return Pictures(
            pixels=tiles[[int(row[POSITION]) for row in rows]],
            labels=np.array([label_index(row["fer_label"]) for row in rows], np.int64),
            certain=np.array([_certain(row, usages) for row in rows], np.bool_),
            held_out=np.array([row["usage"] != "Training" for row in rows], np.bool_),
        )


def thinned(rows: NDArray[np.int64], most: int | None) -> NDArray[np.int64]:
    """At most `most` rows, evenly spread."""
    return rows if most is None else rows[:: max(1, len(rows) // most)][:most]


def _certain(row: Row, usages: dict[str, set[str]]) -> bool:
    group = row.get("dup_group") or "-1"
    copied = not group.startswith("-") and len(usages[group]) > 1
    return (row.get("fer_label_ok") or "1") == "1" and not copied
