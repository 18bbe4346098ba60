"""A Jetson's power mode and clocks."""

from __future__ import annotations

import re

from edge.board.power import power_modes
from edge.board.tree import Tree
from edge.doctor.finding import Finding, Verdict, not_applicable, ok
from edge.doctor.machine import Machine

_WATTS = re.compile(r"(\d+)W")


class PowerModeCheck:
    """It is not the weakest of several. Whether one is enough, only `bench` can say: nothing fails here."""

    name = "power mode"
    uses_packages = False

    def run(self, machine: Machine) -> Finding:
        """Compare the names that nvpmodel's own configuration gives them."""
        board = machine.board
        if board.power_mode is None:
            return not_applicable("there is no nvpmodel: this is no Jetson, or it is not set up")
        modes = power_modes(Tree(machine.root))
        clock = board.clocks.gpu
        speed = f", GPU up to {clock.most_mhz} MHz" if clock and clock.most_mhz else ""
        pinned = ", clocks pinned by jetson_clocks" if board.clocks.are_pinned else ""
        found = f"{board.power_mode}{speed}{pinned}"
        watts = {name: int(match[1]) for name in modes.values() if (match := _WATTS.search(name))}
        weakest = min(watts, key=lambda name: watts[name], default=None)
        if board.power_mode == weakest and len(modes) > 1:
            others = ", ".join(f"{number} {name}" for number, name in sorted(modes.items()) if name != weakest)
            remedy = f"Run edge-emotion bench; if results are late, take another: sudo nvpmodel -m N ({others})."
            return Finding(Verdict.WARNING, f"{found}: the weakest that this board has", remedy)
        return ok(found)
