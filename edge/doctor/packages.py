"""The Python packages that the daemon needs."""

from __future__ import annotations

import re

from edge.doctor.daemon_packages import MODULES
from edge.doctor.finding import Finding, Verdict, ok
from edge.doctor.machine import Machine

_OTHER_NUMPY = re.compile(r"numpy\.core\.multiarray failed|_ARRAY_API not found|compiled using NumPy 1")
"""What modules say that were built against numpy 1, as JetPack 6 has them, when they meet numpy 2."""
_OLDER = 'They are built against numpy 1, as those of JetPack 6 are: pip install "numpy<2".'


class PackagesCheck:
    """Each is really imported: a wheel may be there and not fit, like one made for another numpy or processor."""

    name = "packages"
    uses_packages = False

    def run(self, machine: Machine) -> Finding:
        """Import them all in a child process."""
        faults = machine.package_faults
        if not faults:
            return ok(f"all {len(MODULES) - 1} packages of the daemon can be imported")
        told = "; ".join(f"{module}: {fault.reason}" for module, fault in faults.items())
        if any(_OTHER_NUMPY.search(fault.reason) for fault in faults.values()):
            return Finding(Verdict.FAILED, told, _OLDER)
        wanted = " ".join(MODULES[module] for module in faults)
        return Finding(Verdict.FAILED, told, f"Install again: pip install --force-reinstall {wanted}.")
