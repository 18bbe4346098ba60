"""Runs feeds through an engine in batches of the sizes that the device uses, and in others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from typing import NamedTuple

import numpy as np

from edge.infer.card import MODALITIES
from edge.infer.engine import Engine
from edge.infer.plan_shapes import FACES, ROWS_PER_FACE
from edge.samples import EMOTIONS, Floats
from engines.parity.feeds import ParityFeeds

SINGLE = (1,)

Watch = Callable[[int], None]
"""Told how many crops or rows have just been done."""


class Networks(NamedTuple):
    """A face encoder and a window head, both active."""

    face: Engine
    head: Engine


def silent(_done: int) -> None:
    """A watch that tells nobody."""


def face_sizes(faces: int = FACES) -> tuple[int, ...]:
    """Batches of crops: 1 … `faces`."""
    return tuple(range(1, faces + 1))


def row_sizes(faces: int = FACES) -> tuple[int, ...]:
    """Batches of rows: 3n + 1 for 0 … `faces` faces, as the device asks for them, then all others between."""
    asked = tuple(ROWS_PER_FACE * n + 1 for n in range(faces + 1))
    return (*asked, *(size for size in range(1, asked[-1]) if size not in asked))


def encoded(face: Engine, feeds: ParityFeeds, sizes: Sequence[int], watch: Watch = silent) -> Floats:
    """Embeddings (n, E) of all crops, in batches of `sizes` in turn."""
    parts = []
    for place in batches(len(feeds.crops), sizes):
        parts.append(np.asarray(face.infer(feeds.face_feeds(place))["embeddings"], np.float32))
        watch(place.stop - place.start)
    return np.concatenate(parts)


def judged(
    head: Engine, feeds: ParityFeeds, embeddings: Floats, sizes: Sequence[int], watch: Watch = silent
) -> dict[str, Floats]:
    """Logits (m, 7) of all rows, in batches of `sizes` in turn; `embeddings` (n, E) are those of the crops."""
    parts: dict[str, list[Floats]] = {name: [np.empty((0, len(EMOTIONS)), np.float32)] for name in MODALITIES}
    for place in batches(len(feeds.rows), sizes):
        outputs = head.infer(feeds.head_feeds(embeddings, place))
        for name in MODALITIES:
            parts[name].append(np.asarray(outputs[name], np.float32))
        watch(place.stop - place.start)
    return {name: np.concatenate(values) for name, values in parts.items()}


def batches(total: int, sizes: Sequence[int]) -> Iterator[slice]:
    """Consecutive slices of `sizes` in turn that cover 0 … `total`."""
    begin = 0
    for size in cycle(sizes):
        if begin >= total:
            return
        yield slice(begin, min(begin + size, total))
        begin += size
