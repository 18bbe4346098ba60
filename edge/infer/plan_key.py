"""What a plan is made of and for: the key that it is kept under, and found by again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

BUILDER_VERSION = 1
"""Raised when the same ONNX file is compiled in another way: plans of before are built again."""


@dataclass(frozen=True)
class PlanTarget:
    """Where a plan runs: it is machine code for one version of TensorRT on one kind of GPU.

    `backend` is "tensorrt" or "rtx", `version` its release, `sm` the compute capability without its point ("87" for
    8.7), `device` the GPU's name, `l4t` the board's L4T release. Both are empty where a plan is built ahead of time,
    and `l4t` everywhere but on a Jetson.
    """

    backend: str
    version: str
    sm: str
    device: str
    l4t: str


@dataclass(frozen=True)
class PlanKey:
    """`model_sha256` is that of the ONNX file, which differs by precision; `shapes` are plan_shapes.profile_text's."""

    graph: str
    model_sha256: str
    precision: str
    target: PlanTarget
    shapes: str
    builder: int = BUILDER_VERSION

    @property
    def fields(self) -> dict[str, Any]:
        """Every part by its name, flat, as a manifest has it."""
        parts = asdict(self)
        return {**parts, **parts.pop("target")}

    @property
    def digest(self) -> str:
        """sha256 (hex) over all parts."""
        text = json.dumps(self.fields, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def stem(self) -> str:
        """The name of its files, without their endings."""
        return f"student_{self.graph}-{self.precision}-{self.digest[:16]}"
