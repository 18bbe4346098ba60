"""The wall clock, which dates every message."""

from __future__ import annotations

import time

from edge.clock_sync import EARLIEST_SANE_UNIX_S, kernel_says, timedated_says
from edge.doctor.finding import Finding, Verdict, ok
from edge.doctor.machine import Machine

_REMEDY = (
    "Run sudo timedatectl set-ntp true; where it says that NTP is not supported, sudo apt install systemd-timesyncd."
)


class ClockCheck:
    """A time server has set it."""

    name = "clock"
    uses_packages = False

    def run(self, machine: Machine) -> Finding:  # noqa: ARG002 - one clock for all roots
        """Ask the kernel, or systemd-timedated where a sandbox forbids that."""
        now_s = time.time()
        if now_s < EARLIEST_SANE_UNIX_S:
            date = time.strftime("%Y-%m-%d", time.gmtime(now_s))
            return Finding(Verdict.WARNING, f"it says {date}: no certificate is valid then, and no message", _REMEDY)
        synced = kernel_says()
        if synced is None:
            synced = timedated_says()
        if synced is None:
            return ok("nobody here can tell whether it is synchronised; messages say clock_synced: false")
        if synced:
            return ok("synchronised")
        return Finding(Verdict.WARNING, "it is not synchronised, as messages say by clock_synced: false", _REMEDY)
