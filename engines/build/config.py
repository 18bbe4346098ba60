"""How the compiler is to work: shapes, memory, precision and what it may reuse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from edge.errors import UsageError
from edge.infer.engine import EngineError
from engines.build.source import GraphSource

WORKSPACE_MB = 2048
_LEAST_SM = 80
_BYTES_PER_MB = 1 << 20


@dataclass(frozen=True)
class BuildOptions:
    """What the user chooses. `sm`: the compute capability to compile for ahead of time, None for the GPU at hand."""

    workspace_mb: int = WORKSPACE_MB
    sm: int | None = None

    def flags(self, precision: str) -> list[str]:
        """What the compiler is told beside the shapes, for the manifest."""
        return ["STRONGLY_TYPED", *(["no TF32"] if precision == "fp32" else [])]


def make_config(trt: Any, builder: Any, source: GraphSource, options: BuildOptions) -> Any:
    """A builder configuration with `source`'s profile. Raises EngineError when the compiler does not take a shape."""
    config = builder.create_builder_config()
    config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, options.workspace_mb * _BYTES_PER_MB)
    if source.precision == "fp32":
        config.clear_flag(trt.BuilderFlag.TF32)  # it is on by itself, and keeps ten bits of the mantissa
    profile = builder.create_optimization_profile()
    for name, (least, usual, largest) in source.profile.items():
        profile.set_shape(name, least, usual, largest)
    if config.add_optimization_profile(profile) < 0:
        raise EngineError(f"TensorRT does not take the shapes {source.shapes} for {source.path}.")
    if options.sm is not None:
        _aim(trt, config, options.sm)
    return config


def check_sm(rtx: Any, sm: int) -> None:
    """Raises UsageError for a compute capability that TensorRT for RTX does not compile for."""
    known = _capabilities(rtx)
    if sm not in known:
        raise UsageError(
            f"TensorRT for RTX does not compile the student for SM {sm}: name one of "
            f"{', '.join(map(str, sorted(known)))}."
        )


def _aim(rtx: Any, rtx_config: Any, sm: int) -> None:
    """Compile for a GPU that is not here: TensorRT for RTX alone can."""
    check_sm(rtx, sm)
    rtx_config.num_compute_capabilities = 1
    rtx_config.set_compute_capability(_capabilities(rtx)[sm], 0)


def _capabilities(rtx: Any) -> dict[int, Any]:
    """By their number. Turing (SM 75) lacks what the student's head needs in half precision."""
    named = rtx.ComputeCapability.__members__.items()
    numbered = {int(name[2:]): value for name, value in named if name.startswith("SM") and name[2:].isdigit()}
    return {number: value for number, value in numbered.items() if number >= _LEAST_SM}
