"""`edge-emotion` with a GPU that is made up: `python -m tests.process.gpu_daemon … -m edge.cli WORDS`.

GPU_ORDERS names a folder: `fault` there holds the fault of the moment (none when empty), `child` how a build goes.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import edge.accelerator.assembly
import edge.accelerator.retry
import edge.infer.cuda
from edge.config import Settings
from edge.infer.engine import Feeds
from edge.infer.plan_store import Plan, PlanStore
from tests.edge.accelerator.rig import ORIN, FaultyBackend, save_plans
from tests.faulty_engine import RUN_TIME_FAULTS, FaultyEngine, Hang

RETRY_S = 0.5
FAULTS = {**RUN_TIME_FAULTS, "hang": Hang(threading.Event())}


class Orders:
    """What the test wants just now."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("fault", "child"):
            self.give(name, "")

    def give(self, name: str, words: str) -> None:
        """Whole or not at all."""
        draft = self.folder / f"{name}.draft"
        draft.write_text(words)
        draft.rename(self.folder / name)


class OrderedBackend(FaultyBackend):
    """Its engines do what the file says; otherwise they answer as ONNX Runtime does."""

    def __init__(self, *_: object, **__: object) -> None:
        super().__init__()

    def open(self, plan: Plan) -> FaultyEngine:
        engine = super().open(plan)
        engine.fault = _ordered
        return engine


def _ordered(answers: Feeds) -> Feeds:
    kind = Path(os.environ["GPU_ORDERS"], "fault").read_text()
    return FAULTS[kind](answers) if kind else answers


def plan_maker(settings: Settings, folder: Path) -> list[str]:
    """Instead of the compiler."""
    orders = Path(os.environ["GPU_ORDERS"])
    save_plans(PlanStore(orders / "plans"), ORIN, settings.tensorrt.precision)
    script = Path(__file__).with_name("plan_maker.py")
    return [sys.executable, "-I", "-S", str(script), str(orders), str(folder)]


def main(words: Sequence[str]) -> int:
    edge.infer.cuda.CudaBackend = edge.accelerator.assembly.CudaBackend = OrderedBackend  # type: ignore[misc, assignment]
    edge.accelerator.assembly.build_command = plan_maker
    edge.accelerator.retry.FIRST_S = edge.accelerator.retry.MOST_S = RETRY_S
    from edge.cli import main as edge_emotion

    return edge_emotion(words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[sys.argv.index("edge.cli") + 1 :]))
