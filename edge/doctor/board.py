"""The board: for the reader, and for who gets the report."""

from __future__ import annotations

from edge.doctor.finding import Finding, ok
from edge.doctor.machine import Machine


class BoardCheck:
    """Never fails: a board that nobody knows yet is no worse than another."""

    name = "board"
    uses_packages = False

    def run(self, machine: Machine) -> Finding:
        """Tell what is known."""
        return ok(machine.board.words)
