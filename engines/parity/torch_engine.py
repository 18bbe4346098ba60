"""A torch network behind the contract of every engine."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from edge.infer.engine import Engine, EngineError, Feeds


class TorchEngine(Engine):
    """`network` on the CPU; `inputs` and `outputs` name its arguments and results in order."""

    def __init__(self, name: str, network: nn.Module, inputs: Sequence[str], outputs: Sequence[str]) -> None:
        self.name = name
        self._network, self._inputs, self._outputs = network, tuple(inputs), tuple(outputs)

    def activate(self) -> None:
        """Into the state of use."""
        self._network.eval()

    def infer(self, feeds: Feeds) -> Feeds:
        """One array per output. Raises EngineError on inputs of other names and where torch fails."""
        if feeds.keys() != set(self._inputs):
            raise EngineError(f"{self.name} takes inputs {sorted(self._inputs)}, not {sorted(feeds)}")
        given = [torch.from_numpy(np.ascontiguousarray(feeds[name])) for name in self._inputs]
        try:
            with torch.no_grad():
                said = self._network(*given)
        except RuntimeError as error:
            raise EngineError(f"{self.name} failed: {str(error).splitlines()[0]}") from error
        values = said if isinstance(said, tuple) else (said,)
        return {name: value.numpy() for name, value in zip(self._outputs, values, strict=True)}

    def deactivate(self) -> None:
        """The network stays: it was handed in."""
