"""How far an engine of each precision may be from ONNX Runtime in fp32, on the device and where plans are built."""

from __future__ import annotations

MOST_ERROR = {"fp32": 1e-3, "fp16": 1e-2, "int8": 0.15}
"""Of any calibrated probability, by precision."""
