"""The Python packages that the daemon needs."""

from __future__ import annotations

import re
import sys

from edge.doctor.daemon_packages import MODULES
from edge.doctor.finding import Finding, Verdict, ok
from edge.doctor.machine import Machine

_OTHER_NUMPY = re.compile(r"numpy\.core\.multiarray failed|_ARRAY_API not found|compiled using NumPy 1")
"""What modules say that were built against numpy 1, as JetPack 6 has them, when they meet numpy 2."""
_OWN = "edge.daemon"
_OWN_AGAIN = (
    "Install this project again from its checkout or wheel: sudo edge-deploy provision SOURCE where that has installed "
    "it, pip install --force-reinstall SOURCE elsewhere."
)
"""By no name: the index has nothing of ours, and pip would run whatever somebody has put there under that name."""


class PackagesCheck:
    """Each is really imported: a wheel may be there and not fit, like one made for another numpy or processor."""

    name = "packages"
    uses_packages = False

    def run(self, machine: Machine) -> Finding:
        """Import them all in a child process."""
        faults = machine.package_faults
        if not faults:
            return ok(f"all {len(MODULES) - 1} packages of the daemon can be imported")
        python = sys.executable  # the pip of another Python would mend nothing
        told = "; ".join(f"{module}: {fault.reason}" for module, fault in faults.items())
        if any(_OTHER_NUMPY.search(fault.reason) for fault in faults.values()):
            older = f'They are built against numpy 1, as those of JetPack 6 are: {python} -m pip install "numpy<2".'
            return Finding(Verdict.FAILED, told, older)
        wanted = " ".join(MODULES[module] for module in faults if module != _OWN)
        if not wanted:
            return Finding(Verdict.FAILED, told, _OWN_AGAIN)
        return Finding(Verdict.FAILED, told, f"Install again: {python} -m pip install --force-reinstall {wanted}.")
