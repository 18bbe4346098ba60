"""The contract of every check."""

from __future__ import annotations

from typing import Protocol

from edge.doctor.finding import Finding
from edge.doctor.machine import Machine


class Check(Protocol):
    """One thing that a machine needs. `name` is stable: it is the key in `--json`.

    A check may have `fix(machine) -> Fix | None` too: see edge.doctor.fix.

    `uses_packages`: it imports, inside `run`, what ends this process where a package does not fit the processor.
    """

    name: str
    uses_packages: bool

    def run(self, machine: Machine) -> Finding:
        """Look. May raise EdgeError, whose sentence is then the remedy of a failure."""
        ...
