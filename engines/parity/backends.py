"""Which engines can be compared here, and how each is opened; why another cannot."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from edge.errors import UsageError
from edge.infer.card import Card
from edge.infer.engine import EngineError
from edge.infer.onnx_engine import OnnxEngine
from engines.parity.runs import Networks

PRECISIONS = {"onnx": ("fp16", "int8"), "torch": ("fp32",), "tensorrt": ("fp32", "fp16", "int8")}
"""By backend: what may be compared. ONNX Runtime in fp32 is the reference."""


@dataclass(frozen=True)
class Choice:
    """One candidate that is wished for."""

    backend: str
    precision: str

    @property
    def name(self) -> str:
        """For people."""
        words = {"onnx": "ONNX Runtime", "torch": "torch", "tensorrt": "TensorRT"}
        return f"{words[self.backend]} {self.precision}"


def choices(backends: tuple[str, ...], precisions: tuple[str, ...]) -> list[Choice]:
    """All candidates; empty `precisions` means every one. Raises UsageError when there is none."""
    found = [
        Choice(backend, precision)
        for backend in backends
        for precision in PRECISIONS[backend]
        if precision in (precisions or PRECISIONS[backend])
    ]
    if not found:
        known = "; ".join(f"{backend}: {', '.join(PRECISIONS[backend])}" for backend in backends)
        raise UsageError(f"There is nothing to compare in {', '.join(precisions)}: name a precision of {known}.")
    return found


def reference(card: Card, stack: ExitStack) -> Networks:
    """ONNX Runtime in fp32, active until `stack` is left. Raises EngineError."""
    return entered(_onnx(card, "fp32"), stack)


def found(choice: Choice, card: Card, checkpoint: Path | None, faces: int) -> Networks:
    """The candidate's networks, not yet active; `checkpoint` stands in for the shipped files in torch.

    Raises EdgeError (mostly EngineError) in one sentence where this machine does not have it.
    """
    if choice.backend == "onnx":
        return _onnx(card, choice.precision)
    if choice.backend == "torch":
        return _torch(card, checkpoint)
    from engines.parity.plans import plan_networks

    return plan_networks(card, choice.precision, faces)


def entered(networks: Networks, stack: ExitStack) -> Networks:
    """The same, active until `stack` is left. Raises EngineError for a file or plan that cannot be loaded."""
    return Networks(stack.enter_context(networks.face), stack.enter_context(networks.head))


def _onnx(card: Card, precision: str) -> Networks:
    return Networks(*(OnnxEngine(card.graph_path(graph, precision)) for graph in Networks._fields))


def _torch(card: Card, checkpoint: Path | None) -> Networks:
    try:
        from engines.parity.torch_networks import networks
    except ModuleNotFoundError as error:
        raise EngineError(f"{error.name} is not installed: pip install 'edge-emotion[train]'") from error
    return Networks(*networks(card, checkpoint))
