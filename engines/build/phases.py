"""How far a compiler is that tells of phases within phases, and whether it is to stop."""

from __future__ import annotations

import threading
from dataclasses import dataclass


@dataclass
class _Phase:
    parent: str | None
    steps: int
    done: int = 0
    inner: float = 0.0
    """How much of the step under way its own phases have done."""

    @property
    def fraction(self) -> float:
        return min(1.0, (self.done + self.inner) / max(1, self.steps))


class Phases:
    """Told of phases and steps from any thread, asked from any other. `fraction` never falls."""

    def __init__(self) -> None:
        self.name = ""
        self.fraction = 0.0
        self._running: dict[str, _Phase] = {}
        self._lock = threading.Lock()
        self._cancelled = threading.Event()

    def start(self, name: str, parent: str | None, steps: int) -> None:
        """A phase of `steps` begins, within the present step of `parent`."""
        with self._lock:
            self.name = name
            self._running[name] = _Phase(parent, steps)

    def step(self, name: str, step: int) -> bool:
        """Step number `step`, from 0, is done; False when the compiler is to stop."""
        with self._lock:
            phase = self._running.get(name)
            if phase is not None:
                phase.done, phase.inner = step + 1, 0.0
                self._pass_up(name)
        return not self._cancelled.is_set()

    def finish(self, name: str) -> None:
        """All steps are done, or were not needed."""
        with self._lock:
            phase = self._running.get(name)
            if phase is not None:
                phase.done, phase.inner = phase.steps, 0.0
                self._pass_up(name)
                del self._running[name]
                self.name = phase.parent or name

    def cancel(self) -> None:
        """Let the compiler stop at its next step."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        """Whether it was told to."""
        return self._cancelled.is_set()

    def _pass_up(self, name: str) -> None:
        phase = self._running[name]
        while phase.parent in self._running:
            parent = self._running[phase.parent]
            parent.inner = max(parent.inner, min(1.0, phase.fraction))
            phase = parent
        if not self.cancelled:  # TensorRT finishes its phases also when it gives up
            self.fraction = max(self.fraction, phase.fraction)
