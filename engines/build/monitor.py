"""TensorRT's word for how far it is."""

from __future__ import annotations

from typing import Any

from engines.build.phases import Phases


def make_monitor(trt: Any, phases: Phases) -> Any:
    """A trt.IProgressMonitor that tells `phases`. It raises nothing: above it is C++."""

    class Monitor(trt.IProgressMonitor):  # type: ignore[misc]  # the module is known at run time only
        def __init__(self) -> None:
            trt.IProgressMonitor.__init__(self)

        def phase_start(self, phase_name: str, parent_phase: str | None, num_steps: int) -> None:
            phases.start(phase_name, parent_phase, num_steps)

        def step_complete(self, phase_name: str, step: int) -> bool:
            return phases.step(phase_name, step)

        def phase_finish(self, phase_name: str) -> None:
            phases.finish(phase_name)

    return Monitor()
