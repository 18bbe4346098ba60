"""ONNX Runtime, which runs the student wherever TensorRT does not."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from edge.doctor.finding import Finding, Verdict, ok
from edge.doctor.machine import Machine

_RUNS = 10
_TICK_MS = 200.0
"""Both networks have to be done within one."""
_FASTER = "Give the machine less to do besides, or a Jetson a faster power mode (nvpmodel -q tells the present)."


class OnnxRuntimeCheck:
    """It really computes: both networks, a few times."""

    name = "onnxruntime"
    uses_packages = True

    def run(self, machine: Machine) -> Finding:  # noqa: ARG002
        """Load the student, run it, look at what comes out, and take the time. Raises EdgeError."""
        import numpy as np

        from edge.clock import MonotonicClock
        from edge.infer.card import load_card
        from edge.infer.held import empty_window
        from edge.infer.student import CROP_PX, Student

        student = Student(load_card())
        student.activate()
        try:
            crops = np.random.default_rng(1).integers(0, 256, (1, CROP_PX, CROP_PX), np.uint8)
            window, clock = empty_window(0, 0), MonotonicClock()
            face_ms = _median_ms(lambda: student.encode(crops))
            head_ms = _median_ms(lambda: student.judge(window, clock))
            finite = bool(np.isfinite(student.encode(crops)).all())
        finally:
            student.deactivate()
        found = f"{face_ms:.1f} ms a face, {head_ms:.1f} ms a window"
        if not finite:
            return Finding(Verdict.FAILED, f"{found}, but what it computes is no number", "Install onnxruntime again.")
        if face_ms + head_ms > _TICK_MS:
            return Finding(Verdict.WARNING, f"{found}: too slow for a result every {_TICK_MS:.0f} ms", _FASTER)
        return ok(found)


def _median_ms(do: Callable[[], Any]) -> float:
    took_ms = []
    for _ in range(_RUNS):
        began_ns = time.perf_counter_ns()
        do()
        took_ms.append((time.perf_counter_ns() - began_ns) / 1e6)
    return statistics.median(took_ms)
