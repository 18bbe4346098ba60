"""The shipped graphs in torch on a device: eager, or compiled by torch.compile."""

from __future__ import annotations

from typing import Any

import torch
from torch.fx.experimental.proxy_tensor import make_fx

from edge.infer.card import Card
from edge.infer.engine import Engine, EngineError, Feeds
from engines.explanation.network import OnnxNetwork
from engines.parity.runs import Networks


class TorchDeviceEngine(Engine):
    """`network` on `device`; feeds come from the host's memory and answers go back there.

    For each batch size it is traced once into torch's own operators: as fast as the module that was trained.
    """

    def __init__(self, name: str, network: OnnxNetwork, device: str, *, compiled: bool) -> None:
        self.name = name
        self._network, self._device, self._compiled = network, device, compiled
        self._traced: dict[int, Any] = {}

    def activate(self) -> None:
        """Put the weights onto the device."""
        self._network.to(self._device)

    def infer(self, feeds: Feeds) -> Feeds:
        """One array per output. Raises EngineError when torch fails, or cannot compile."""
        try:
            given = [torch.from_numpy(feeds[name]).to(self._device) for name in self._network.inputs]
            with torch.no_grad():
                said = self._forward(given)(*given)
            return {name: value.cpu().numpy() for name, value in zip(self._network.outputs, said, strict=True)}
        except Exception as error:  # torch's compiler raises many types of its own
            text = str(error).strip().split("\n", 1)[0].rstrip(".") or type(error).__name__
            raise EngineError(f"{self.name} failed: {text}.") from error

    def _forward(self, given: list[torch.Tensor]) -> Any:
        rows = len(given[0])
        if rows not in self._traced:
            traced = make_fx(self._network)(*given)
            self._traced[rows] = torch.compile(traced, dynamic=False) if self._compiled else traced
        return self._traced[rows]

    def deactivate(self) -> None:
        """Forget what was traced."""
        self._traced = {}


def networks(card: Card, device: str, *, compiled: bool) -> Networks:
    """Both graphs, not yet active. Raises EngineError where torch has no such device."""
    if device == "cuda" and not torch.cuda.is_available():
        raise EngineError(f"This torch ({torch.__version__}) has no CUDA here: install one that is built for it.")
    way = "compiled" if compiled else "eager"
    face, head = (
        TorchDeviceEngine(f"torch-{way}:{path.name}", OnnxNetwork(path), device, compiled=compiled)
        for path in (card.face_path, card.head_path)
    )
    return Networks(face, head)
