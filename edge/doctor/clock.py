"""The wall clock, which dates every message."""

from __future__ import annotations

import time

from edge.board.tree import Tree
from edge.clock_sync import EARLIEST_SANE_UNIX_S, clock_synced, kernel_says, timesyncd_says
from edge.doctor.finding import Finding, Verdict, not_applicable, ok
from edge.doctor.machine import Machine
from edge.doctor.unit_file import unit_settings

_REMEDY = (
    "Run sudo timedatectl set-ntp true; where it says that NTP is not supported, sudo apt install systemd-timesyncd."
)
_LET_IN = (
    "Run sudo systemctl edit edge-emotion, write [Service], ProtectClock=no and SystemCallFilter=adjtimex there, and "
    "restart it."
)


class ClockCheck:
    """A time server has set it, and the service can know."""

    name = "clock"
    uses_packages = False

    def run(self, machine: Machine) -> Finding:
        """Ask the kernel, and look for timesyncd's mark, which is all that the service's sandbox lets it see."""
        now_s = time.time()
        if now_s < EARLIEST_SANE_UNIX_S:
            date = time.strftime("%Y-%m-%d", time.gmtime(now_s))
            return Finding(Verdict.WARNING, f"it says {date}: no certificate is valid then, and no message", _REMEDY)
        if not clock_synced():
            if kernel_says() is None:
                return not_applicable("the sandbox hides what the kernel knows, and systemd-timesyncd has left no mark")
            return Finding(Verdict.WARNING, "it is not synchronised, as messages say by clock_synced: false", _REMEDY)
        if not timesyncd_says() and _is_hidden(machine):
            found = (
                "synchronised, but not by systemd-timesyncd: the service cannot see that and says clock_synced: false"
            )
            return Finding(Verdict.WARNING, found, _LET_IN)
        return ok("synchronised")


def _is_hidden(machine: Machine) -> bool:
    """Whether the service's unit forbids to ask the kernel."""
    unit = unit_settings(Tree(machine.root)) or {}
    return (unit.get("ProtectClock") or ["no"])[-1] in ("yes", "true", "1", "on")
