"""Python itself."""

from __future__ import annotations

import platform
import sys

from edge.doctor.finding import Finding, Verdict, ok
from edge.doctor.machine import Machine

_OLDEST = (3, 10)


class PythonCheck:
    """A version that the package is made for."""

    name = "python"
    uses_packages = False

    def run(self, machine: Machine) -> Finding:  # noqa: ARG002
        """Compare the version."""
        found = f"{platform.python_implementation()} {platform.python_version()} ({sys.executable})"
        if sys.version_info[:2] < _OLDEST:
            return Finding(Verdict.FAILED, found, "Install Python 3.10 or newer, and this package into it.")
        return ok(found)
