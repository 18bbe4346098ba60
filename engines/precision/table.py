"""What each precision costs and how far it is from fp32, as a table for the model card."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from edge.infer.card import GRAPHS, Card
from edge.infer.onnx_engine import OnnxEngine
from engines import marked_page
from engines.parity.feeds import ParityFeeds
from engines.parity.made_up import made_up_feeds
from engines.parity.runs import Networks

MARK = "precisions"
_ROUNDS, _CALLS = 15, 20
_ROWS = 4
"""Of the head, for one face: fused, and with either modality masked, and the voice alone."""


@dataclass(frozen=True)
class PrecisionRow:
    """One line; `parity` is the card's, None for fp32 itself, `cpu_ratio` the time of one face's tick over fp32's."""

    precision: str
    sizes: dict[str, int]
    parity: dict[str, Any] | None
    cpu_ratio: float

    @property
    def cells(self) -> tuple[str, ...]:
        """As text."""
        sizes = tuple(f"{self.sizes[graph] / 1e3:,.0f}" for graph in GRAPHS)
        if self.parity is None:
            return (self.precision, *sizes, "–", "–", "–", "1.0")
        most, mean = (f"{self.parity[name]:.1e}" for name in ("max", "mean"))
        return (self.precision, *sizes, most, mean, f"{self.parity['agreement']:.1%}", f"{self.cpu_ratio:.1f}")


def measure(card: Card) -> list[PrecisionRow]:
    """All precisions of `card`; times are taken in turns, so that other work on this machine slows all alike."""
    took = _times(card)
    return [
        PrecisionRow(
            precision,
            {graph: card.graph_path(graph, precision).stat().st_size for graph in GRAPHS},
            None if precision == "fp32" else card.raw["precisions"][precision]["parity"],
            took[precision] / took["fp32"],
        )
        for precision in card.precisions
    ]


def _times(card: Card) -> dict[str, float]:
    """Median seconds of one call of both graphs for one face, by precision, on one core."""
    feeds = made_up_feeds(1)
    took: dict[str, list[float]] = {precision: [] for precision in card.precisions}
    with ExitStack() as stack:
        networks = {
            precision: Networks(*(stack.enter_context(OnnxEngine(card.graph_path(g, precision))) for g in GRAPHS))
            for precision in card.precisions
        }
        for _ in range(_ROUNDS):
            for precision, pair in networks.items():
                took[precision].extend(_calls(pair, feeds))
    return {precision: median(seconds) for precision, seconds in took.items()}


def _calls(networks: Networks, feeds: ParityFeeds) -> Iterator[float]:
    face = feeds.face_feeds(slice(0, 1))
    head = feeds.head_feeds(networks.face.infer(feeds.face_feeds(slice(None)))["embeddings"], slice(0, _ROWS))
    for _ in range(_CALLS):
        begin = time.perf_counter()
        networks.face.infer(face)
        networks.head.infer(head)
        yield time.perf_counter() - begin


def markdown(rows: list[PrecisionRow]) -> str:
    """The table, and below it what the figures were taken on."""
    names = ("precision", "face, KB", "head, KB", "largest error", "mean error", "same label", "time on a CPU")
    lines = [names, ("---",) * len(names), *(row.cells for row in rows)]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    taken = {f"{row.parity['rows']} rows: {row.parity['source']}" for row in rows if row.parity}
    return f"{table}\n\nErrors of probabilities against fp32 under ONNX Runtime on {'; '.join(sorted(taken))}.\n"


def write(page: Path, text: str) -> None:
    """Replace what stands in `page` between its marks. Raises UsageError when it cannot be."""
    marked_page.replace(page, MARK, text)
