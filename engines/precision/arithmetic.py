"""Half floats that are really computed in: ONNX Runtime's CPU provider computes such files in fp32 from end to end.

It shows what rounding the weights does, but no overflow and no rounding in between; onnx's reference evaluator does.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from onnx.reference import ReferenceEvaluator

from edge.infer.engine import Engine, EngineError, Feeds
from engines.parity.feeds import CropList, ParityFeeds, Sight


class ReferenceEngine(Engine):
    """One ONNX file, node by node in NumPy's types: a thousand times slower than ONNX Runtime."""

    def __init__(self, path: Path) -> None:
        self.name = f"reference:{path.name}"
        self._path = path
        self._evaluator: ReferenceEvaluator | None = None

    def activate(self) -> None:
        """Load the file."""
        self._evaluator = ReferenceEvaluator(str(self._path))

    def infer(self, feeds: Feeds) -> Feeds:
        """One array per output; what overflows is infinite or no number. Raises EngineError when it is not active."""
        if self._evaluator is None:
            raise EngineError(f"{self.name} is not active")
        with np.errstate(all="ignore"):
            said = self._evaluator.run(None, feeds)
        return dict(zip(self._evaluator.output_names, (np.asarray(values) for values in said), strict=True))

    def deactivate(self) -> None:
        """Free the network."""
        self._evaluator = None


def few(feeds: ParityFeeds, rows: int) -> ParityFeeds:
    """At most `rows` of them, evenly spread; of each that sees something, its first crop alone in all its slots."""
    places = np.unique(np.linspace(0, len(feeds.rows) - 1, rows).astype(int))
    chosen, crops = [], CropList()
    for row in (feeds.rows[place] for place in places):
        sight = row.sight
        if len(sight.places):
            sight = replace(Sight.still(crops.place(feeds.crops[sight.places[0]])), mask=sight.mask)
        chosen.append(replace(row, sight=sight))
    return ParityFeeds(crops.array(), tuple(chosen), feeds.source)
