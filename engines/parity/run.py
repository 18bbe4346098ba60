"""Compares all candidates that are wished for with the reference."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from edge.errors import EdgeError
from edge.infer.card import Card
from edge.infer.engine import Engine
from engines.parity.backends import Choice, opened, reference, sentence
from engines.parity.bar import bar
from engines.parity.compare import Parity, compare, work
from engines.parity.feeds import ParityFeeds
from engines.parity.results import Missing, Results
from engines.parity.runs import Networks
from engines.parity.tolerance import tolerance

Source = Callable[[Engine, int], ParityFeeds]
"""Makes feeds, given the reference's face encoder (active) and the size of its embeddings."""


def run(card: Card, wished: Sequence[Choice], source: Source, checkpoint: Path | None, faces: int) -> Results:
    """Results for all of `wished`; what this machine does not have is named in them.

    Raises EdgeError where there are no feeds, and when the reference itself fails.
    """
    compared, missing = [], []
    with ExitStack() as stack:
        truth = reference(card, stack)
        feeds = source(truth.face, card.embedding_size)
        for choice in wished:
            with ExitStack() as own:
                try:
                    candidate = opened(choice, card, checkpoint, faces, own)
                except EdgeError as error:
                    missing.append(Missing(choice, sentence(error)))
                    continue
                compared.append((choice, _compared(truth, candidate, feeds, choice, card, faces)))
    return Results(card.sha256[:8], feeds, tuple(compared), tuple(missing))


def _compared(
    truth: Networks, candidate: Networks, feeds: ParityFeeds, choice: Choice, card: Card, faces: int
) -> Parity:
    limits = tolerance(choice.precision)
    with bar(choice.name, work(feeds)) as watch:
        return compare(truth, candidate, feeds, limits, card.temperature, faces=faces, watch=watch)
