"""The accelerator of this very machine: its GPU, its plans, and a child that builds them."""

from __future__ import annotations

from edge.accelerator.accelerator import Accelerator
from edge.accelerator.plan_child import PlanChild, build_command
from edge.board import board
from edge.clock import Clock
from edge.config import Settings
from edge.health import Status
from edge.infer.card import Card
from edge.infer.cuda import CudaBackend
from edge.infer.plan_store import PlanStore, plans_folder


def assembled(settings: Settings, card: Card, status: Status, clock: Clock) -> Accelerator:
    """Nothing is asked of the GPU before it is started."""
    folder = plans_folder()
    builder = PlanChild(build_command(settings, folder), clock)
    return Accelerator(settings, card, status, clock, CudaBackend(board().l4t or ""), builder, PlanStore(folder))
