"""The settings that `run` would take."""

from __future__ import annotations

from edge.config import config_file
from edge.doctor.finding import Finding, Verdict, ok
from edge.doctor.machine import Machine
from edge.errors import EdgeError


class ConfigurationCheck:
    """File, environment and flags together."""

    name = "config"
    uses_packages = False

    def run(self, machine: Machine) -> Finding:
        """Load them."""
        path = machine.config_file or config_file(machine.environ)
        try:
            machine.read_settings()
        except EdgeError as error:
            return Finding(Verdict.FAILED, f"{path or 'the environment'} is wrong", str(error))
        return ok(f"{path} is fine" if path else "no config file: the defaults are used")
