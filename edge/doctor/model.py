"""The student's files."""

from __future__ import annotations

from edge.doctor.finding import Finding, as_sentence, ok
from edge.doctor.machine import Machine
from edge.errors import EdgeError


class ModelCheck:
    """The card and the files that it describes; those of other precisions are the GPU's alone."""

    name = "model"
    uses_packages = True

    def run(self, machine: Machine) -> Finding:
        """Read the card, and compare the sha256 of the files with it. Raises EdgeError."""
        from edge.infer.card import GRAPHS, load_card

        card = load_card()
        try:
            for precision in card.precisions:
                for graph in GRAPHS:
                    card.graph_path(graph, precision)
        except EdgeError as error:
            return Finding(machine.gpu_fault, "a file that only a GPU runs is not its card's", as_sentence(str(error)))
        return ok(f"{card.name} {card.sha256[:8]} in {', '.join(card.precisions)}, its files are those of its card")
