"""CUDA, asked by a real cuInit(0)."""

from __future__ import annotations

from edge.doctor.finding import Finding, as_sentence, not_applicable, ok
from edge.doctor.machine import Machine


class GpuCheck:
    """The driver answers this user and has a GPU."""

    name = "gpu"
    uses_packages = False

    def run(self, machine: Machine) -> Finding:
        """Ask it, in a child process."""
        reason = machine.no_gpu_wanted
        if reason:
            return not_applicable(reason)
        driver = machine.driver
        if driver.works:
            return ok(driver.words)
        return Finding(machine.gpu_fault, driver.words, as_sentence(driver.remedy))
