"""An engine on the GPU with a thread of its own: each call has a limit, whatever the driver does."""

from __future__ import annotations

from edge.accelerator.driver_thread import DriverThread
from edge.infer.engine import Engine, Feeds

LOAD_LIMIT_S = 60.0
"""A plan is some MB, but the first one brings TensorRT's libraries into memory."""
WARM_LIMIT_S = 20.0
"""The first runs load kernels."""
ANSWER_LIMIT_S = 0.5
"""Fifty times what a slow board takes. A hang costs three ticks: from five on the machine would pass for busy."""
FREE_LIMIT_S = 0.25


class AttendedEngine(Engine):
    """Activated once: after `deactivate` the thread has ended, or is left behind in the driver."""

    def __init__(self, engine: Engine) -> None:
        self.name = engine.name
        self.limit_s = WARM_LIMIT_S
        self._engine = engine
        self._thread = DriverThread(engine.name)

    @property
    def running(self) -> bool:
        """Whether its thread is there still."""
        return self._thread.running

    def activate(self) -> None:
        """Load the plan. Raises what the engine raises, EngineError when it takes too long."""
        self._thread.call(self._engine.activate, LOAD_LIMIT_S)

    def infer(self, feeds: Feeds) -> Feeds:
        """Run once, within `limit_s`. Raises what the engine raises, EngineError when it takes too long."""
        return self._thread.call(lambda: self._engine.infer(feeds), self.limit_s)

    def deactivate(self) -> None:
        """Free everything in the engine's own thread; after FREE_LIMIT_S that goes on without anybody waiting."""
        if not self._thread.end(self._engine.deactivate, FREE_LIMIT_S):
            self._thread.give_up()

    def give_up(self) -> None:
        """Whoever waits for an answer waits no longer."""
        self._thread.give_up()
