"""Both networks of the student on the GPU, from their plans to the day when one of them fails."""

from __future__ import annotations

from collections.abc import Mapping

from edge.accelerator.attended_engine import ANSWER_LIMIT_S, AttendedEngine
from edge.accelerator.trial import trial
from edge.infer.card import Card
from edge.infer.cuda import GpuBackend
from edge.infer.plan_store import Plan
from edge.infer.switching_engine import SwitchingEngine


class GpuStudent:
    """`switches` are the student's engines, by graph: both get the GPU together, and lose it together."""

    def __init__(self, switches: Mapping[str, SwitchingEngine]) -> None:
        self._switches = switches
        self._engines: dict[str, AttendedEngine] = {}

    def load(self, backend: GpuBackend, plans: Mapping[str, Plan], card: Card, precision: str) -> None:
        """Open the plans and try them; nobody else uses them yet. Raises what backend and engines raise."""
        for graph, plan in plans.items():
            engine = self._engines[graph] = AttendedEngine(backend.open(plan))
            engine.activate()
        trial({graph: switch.sure for graph, switch in self._switches.items()}, self._engines, card, precision)
        for engine in self._engines.values():
            engine.limit_s = ANSWER_LIMIT_S

    def lend(self) -> None:
        """From now on the GPU answers."""
        for graph, switch in self._switches.items():
            switch.use(self._engines[graph])

    def withdraw(self) -> None:
        """From now on ONNX Runtime answers; from any thread, at once."""
        for switch in self._switches.values():
            switch.use(None)

    def give_up(self) -> None:
        """Nobody waits for the GPU any longer; from any thread."""
        for engine in list(self._engines.values()):
            engine.give_up()

    def free(self) -> None:
        """Give the GPU's memory back, as far as its driver answers."""
        self.withdraw()
        for engine in self._engines.values():
            engine.deactivate()

    @property
    def running(self) -> bool:
        """Whether a thread of it is within the driver still."""
        return any(engine.running for engine in self._engines.values())
