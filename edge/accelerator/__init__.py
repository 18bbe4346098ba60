"""The student on a GPU, beside ONNX Runtime: found, built, tried, watched, and given up when it fails."""

from edge.accelerator.accelerator import Accelerator
from edge.accelerator.plan_child import PlanChild, build_command

__all__ = ["Accelerator", "PlanChild", "build_command"]
