"""Compares all candidates that are wished for with the reference."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from edge.errors import EdgeError, UsageError
from edge.infer.card import Card
from edge.infer.engine import Engine
from engines.parity.backends import Choice, entered, found, reference
from engines.parity.bar import bar
from engines.parity.compare import Parity, compare, work
from engines.parity.feeds import ParityFeeds
from engines.parity.results import Absence, Results
from engines.parity.runs import Networks
from engines.parity.tolerance import tolerance

Source = Callable[[Engine, int], ParityFeeds]
"""Makes feeds, given the reference's face encoder (active) and the size of its embeddings."""


def run(card: Card, wished: Sequence[Choice], source: Source, checkpoint: Path | None, faces: int) -> Results:
    """Results for all of `wished`; what this machine does not have is named in them.

    Raises EdgeError where there are no feeds, and when the reference itself fails; UsageError for a checkpoint that is
    none.
    """
    compared: list[tuple[Choice, Parity]] = []
    absent: list[Absence] = []
    with ExitStack() as stack:
        truth = reference(card, stack)
        feeds = source(truth.face, card.embedding_size)
        for choice in wished:
            try:
                candidate = found(choice, card, checkpoint, faces)
            except UsageError:
                raise
            except EdgeError as error:
                # The card tells of its file, so that it has to be there and to be that one.
                told = choice.backend == "onnx" and choice.precision in card.precisions
                absent.append(Absence(choice, str(error), broken=told))
                continue
            try:
                compared.append((choice, _compared(truth, candidate, feeds, choice, card, faces)))
            except EdgeError as error:
                absent.append(Absence(choice, str(error), broken=True))
    return Results(card.sha256[:8], feeds, tuple(compared), tuple(absent))


def _compared(
    truth: Networks, candidate: Networks, feeds: ParityFeeds, choice: Choice, card: Card, faces: int
) -> Parity:
    limits = tolerance(choice.precision)
    with ExitStack() as stack, bar(choice.name, work(feeds)) as watch:
        active = entered(candidate, stack)
        return compare(truth, active, feeds, limits, card.temperature, faces=faces, watch=watch)
