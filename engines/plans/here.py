"""What this machine would use: the shipped student, TensorRT and the GPU, as far as they are here."""

from __future__ import annotations

from dataclasses import dataclass

from edge.board import board
from edge.config import load_settings
from edge.errors import EdgeError
from edge.infer.card import GRAPHS, Card
from edge.infer.cuda import CudaBackend
from edge.infer.engine import EngineError
from edge.infer.plan_key import PlanKey, PlanTarget
from edge.infer.student_plan import student_plan_key

PARTS = {
    "model_sha256": "model",
    "version": "TensorRT",
    "sm": "SM",
    "l4t": "L4T",
    "shapes": "faces",
}
"""What a key's parts are called before people; the others have their own names."""
_TARGET = tuple(PlanTarget.__dataclass_fields__)
_BACKEND = "tensorrt"
_NOWHERE = PlanTarget(backend=_BACKEND, version="", sm="", device="", l4t="")


@dataclass(frozen=True)
class Here:
    """`target` is None where no GPU answers, `unknown` says why. `precision` is the one in the settings.

    `keys`: what the daemon would ask for, by graph and precision; without `target`, the rest of it.
    """

    target: PlanTarget | None
    unknown: str
    precision: str | None
    keys: dict[tuple[str, str], PlanKey]

    def lacks(self, key: PlanKey) -> list[str]:
        """The parts of `key` that keep it from being used here, in people's words; those unknown are left out."""
        wanted = self.keys.get((key.graph, key.precision))
        if wanted is None:
            return ["precision"]
        have, want = key.fields, wanted.fields
        known = [part for part in want if self.target is not None or part not in _TARGET or part == "backend"]
        return [PARTS.get(part, part) for part in known if have[part] != want[part]]

    def never(self, key: PlanKey) -> list[str]:
        """The parts that will not come back: the student, how it is built, and on this backend the device.

        Another number of faces or precision may be wished for again; a plan of another backend is of another program.
        """
        if key.target.backend != _BACKEND:
            gone = {"model", "builder"}
        else:
            gone = {"model", "builder", *(PARTS.get(part, part) for part in _TARGET)}
        if (key.graph, key.precision) not in self.keys:
            return ["precision"]
        return [part for part in self.lacks(key) if part in gone]


def here(card: Card) -> Here:
    """This machine, now."""
    target, unknown = None, ""
    try:
        target = CudaBackend(board().l4t or "").target()
    except EngineError as error:
        unknown = str(error).rstrip(".")
    return Here(target, unknown, _precision(), wanted_keys(card, target))


def wanted_keys(card: Card, target: PlanTarget | None) -> dict[tuple[str, str], PlanKey]:
    """By graph and precision. Raises EngineError where the shipped student is not whole."""
    return {
        (graph, precision): student_plan_key(card, graph, precision, target or _NOWHERE)
        for graph in GRAPHS
        for precision in card.precisions
    }


def _precision() -> str | None:
    """None where the settings are wrong: other commands say so."""
    try:
        return load_settings().tensorrt.precision
    except EdgeError:
        return None
