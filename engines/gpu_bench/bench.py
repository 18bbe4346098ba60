"""The whole measurement, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import Any

from edge.board import board
from edge.infer.card import load_card
from engines.gpu_bench.contender import Absence
from engines.gpu_bench.contenders import Contenders
from engines.gpu_bench.latency import Latency, Watch, latencies
from engines.gpu_bench.request import Request
from engines.gpu_bench.versions import versions
from engines.gpu_bench.workload import Workload

Say = Callable[[str], None]


@dataclass(frozen=True)
class Record:
    """One run. `clocks` are those before and after it."""

    machine: str
    versions: dict[str, str]
    clocks: tuple[Any, Any]
    request: Request
    latencies: Sequence[Latency]
    absent: Sequence[Absence]

    def as_json(self) -> dict[str, Any]:
        """Everything."""
        return asdict(self)


def measure(request: Request, watch: Watch) -> Record:
    """Raises EdgeError when not even the reference runs."""
    card, before = load_card(), board()
    with ExitStack() as stack:
        contenders = Contenders(card, stack)
        contenders.add_others(request)
        work = Workload(card, contenders.reference.networks)
        timed = latencies(contenders.present, work, request, watch)
    if not request.on_gpu:
        contenders.missing("TensorRT, ONNX Runtime CUDA, torch cuda", "No GPU row was run: --cpu leaves them out.")
    clocks = (before.clocks, board().clocks)
    return Record(before.words, versions(), clocks, request, timed, contenders.absent)
