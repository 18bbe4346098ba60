"""How alike the contenders are: the project's own parity, on what the device would feed them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from edge.errors import EdgeError
from edge.infer.card import Card
from engines.gpu_bench.contender import Contender
from engines.gpu_bench.contenders import Contenders
from engines.gpu_bench.request import Request
from engines.gpu_bench.watch import Watch
from engines.parity.compare import compare
from engines.parity.made_up import made_up_feeds
from engines.parity.sources import usual_feeds
from engines.parity.tolerance import tolerance


@dataclass(frozen=True)
class Likeness:
    """Against ONNX Runtime on the CPU in fp32: probabilities, and the labels' agreement, of the worst output.

    An error is None where an answer was no number.
    """

    contender: str
    precision: str
    most: float | None
    mean: float | None
    agreement: float
    rows: int
    source: str
    accepted: bool


def compared(contenders: Contenders) -> list[Contender]:
    """Those whose answers are compared. torch would be traced, or compiled, for each of thirty batch sizes."""
    return [one for one in contenders.present[1:] if not one.name.startswith("torch") and ", " not in one.name]


def likenesses(contenders: Contenders, card: Card, request: Request, watch: Watch) -> list[Likeness]:
    """One for each of `compared`; who fails is named among those that are missing."""
    reference = contenders.reference.networks
    asked: Sequence[Contender] = compared(contenders)
    if not asked:
        return []
    feeds = made_up_feeds(request.moments) if request.moments else usual_feeds(reference.face, card.embedding_size)
    found = []
    for one in asked:
        watch(f"parity of {one.name} {one.precision}", 1)
        limits, faces = tolerance(one.precision), request.most_faces
        try:
            parity = compare(reference, one.networks, feeds, limits, card.temperature, faces=faces)
        except EdgeError as error:
            contenders.missing(f"parity of {one.name} {one.precision}", str(error))
            continue
        worst = parity.worst
        found.append(
            Likeness(
                contender=one.name,
                precision=one.precision,
                most=_number(worst.most),
                mean=_number(worst.mean),
                agreement=worst.agreement,
                rows=parity.rows,
                source=parity.source,
                accepted=parity.accepted,
            )
        )
    return found


def _number(value: float) -> float | None:
    """JSON has no infinity, which stands for an answer that was none."""
    return value if math.isfinite(value) else None
