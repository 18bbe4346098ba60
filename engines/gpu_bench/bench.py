"""The whole measurement, and what came of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import Any

from edge.board import board
from edge.errors import EdgeError
from edge.infer.card import GRAPHS, Card, load_card
from engines.gpu_bench.contender import Absence
from engines.gpu_bench.contenders import Contenders
from engines.gpu_bench.gpu_side import GpuSide, Tools
from engines.gpu_bench.latency import Latency, cells, latencies
from engines.gpu_bench.likeness import Likeness, likenesses
from engines.gpu_bench.machine import Machine, machine
from engines.gpu_bench.plans import Build
from engines.gpu_bench.request import Request
from engines.gpu_bench.stages import Stages
from engines.gpu_bench.watch import Watch
from engines.gpu_bench.workload import Workload


@dataclass(frozen=True)
class Record:
    """One run on one machine with one student (`model`: the first digits of its sha256)."""

    model: str
    machine: Machine
    request: Request
    builds: Sequence[Build]
    latencies: Sequence[Latency]
    likenesses: Sequence[Likeness]
    stages: Sequence[Stages]
    absent: Sequence[Absence]

    def as_json(self) -> dict[str, Any]:
        """Everything."""
        return asdict(self)


def measure(request: Request, watch: Watch, tools: Tools | None = None) -> Record:
    """`tools`: of another GPU than this machine's. Raises EdgeError when not even the reference runs."""
    card, before, load = load_card(), board(), os.getloadavg()[0]
    with ExitStack() as stack:
        contenders = Contenders(card, stack)
        watch("making ready", 0)
        gpu_side = _gpu_side(request, card, contenders, tools, before.l4t or "")
        contenders.add_others(request)
        if gpu_side is not None:
            gpu_side.prepare(request, contenders, watch)
        work = Workload(card, contenders.reference.networks, request.most_faces)
        timed = latencies(contenders, work, request, watch)
        alike = likenesses(contenders, card, request, watch) if "parity" in request.rows else []
        shares = gpu_side.transfers(request, work, contenders, watch) if gpu_side and "transfer" in request.rows else []
    target = gpu_side.tools.target if gpu_side else None
    builds = gpu_side.builds if gpu_side else []
    told = machine(before, board(), target, load)
    return Record(card.sha256[:8], told, request, builds, timed, alike, shares, contenders.absent)


def steps(request: Request) -> int:
    """About how many steps `measure` tells its watch of."""
    found = cells(request)
    if request.on_gpu:
        found += len(GRAPHS) * len(request.precisions)
        found += len(request.precisions) + 1 if "parity" in request.rows else 0
        found += len(GRAPHS) * len(request.faces) if "transfer" in request.rows else 0
    return max(1, found)


def _gpu_side(request: Request, card: Card, contenders: Contenders, tools: Tools | None, l4t: str) -> GpuSide | None:
    if not request.on_gpu:
        contenders.missing("everything on a GPU", "--cpu was given: no GPU row was run.")
        return None
    try:
        return GpuSide(tools or Tools.here(l4t), card)
    except EdgeError as error:
        contenders.missing("TensorRT", str(error))
        return None
