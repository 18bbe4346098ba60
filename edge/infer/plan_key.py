"""What a plan is made of and for: the key that it is kept under, and found by again."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from typing import Any

from edge.infer.engine import EngineError

BUILDER_VERSION = 1
"""Raised when the same ONNX file is compiled in another way: plans of before are built again."""
_NAME = re.compile(r"[a-z0-9]{1,16}", re.ASCII)


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

    @property
    def timing_file(self) -> str:
        """The name of the timing cache of builds for this target."""
        return f"timing-{_digest(asdict(self))[:16]}.cache"

    @property
    def words(self) -> str:
        """For people: what it is, as far as it is known."""
        named = {"SM": self.sm, "TensorRT" if self.backend == "tensorrt" else self.backend: self.version}
        parts = [self.device, *(f"{name} {value}" for name, value in {**named, "L4T": self.l4t}.items() if value)]
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True)
class PlanKey:
    """`model_sha256` is that of the ONNX file, which differs by precision; `shapes` are plan_shapes.profile_text's.

    Raises EngineError for a graph or precision that could not be part of a file's name.
    """

    graph: str
    model_sha256: str
    precision: str
    target: PlanTarget
    shapes: str
    builder: int = BUILDER_VERSION

    def __post_init__(self) -> None:
        for part in (self.graph, self.precision):
            if not _NAME.fullmatch(part):
                raise EngineError(f"A plan's graph and precision are small letters and digits, not {part!r}.")

    @property
    def fields(self) -> dict[str, Any]:
        """Every part by its name, flat, as a manifest has it."""
        parts = asdict(self)
        target = parts.pop("target")
        return {**parts, **target}

    @property
    def digest(self) -> str:
        """sha256 (hex) over all parts."""
        return _digest(self.fields)

    @property
    def stem(self) -> str:
        """The name of its files, without their endings."""
        return f"student_{self.graph}-{self.precision}-{self.digest[:16]}"

    @classmethod
    def of_fields(cls, fields: dict[str, Any]) -> PlanKey:
        """The reverse of `fields`. Raises ValueError for what is no whole key, its values' types included."""
        parts = dict(fields)
        try:
            target = PlanTarget(**{name: parts.pop(name) for name in PlanTarget.__dataclass_fields__})
            key = cls(target=target, **parts)
        except (KeyError, TypeError, EngineError) as error:
            raise ValueError("has no whole key") from error
        texts = {**fields, "builder": ""}.values()
        if not all(type(text) is str for text in texts) or type(key.builder) is not int:
            raise ValueError("has no whole key")
        return key


def _digest(parts: dict[str, Any]) -> str:
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
