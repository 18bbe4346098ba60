"""How hot the board is, and whether it is held back."""

from __future__ import annotations

import re

from edge.board.tree import Tree
from edge.doctor.finding import Finding, Verdict, not_applicable, ok
from edge.doctor.machine import Machine
from edge.thermal import Thermal

_COOLERS = re.compile(r"cpufreq|devfreq|gpu|cpu-?[0-9]", re.IGNORECASE)
_COOL = "Give it air: a fan (sudo nvpmodel -d cool on a Jetson), a larger heat sink, or a lower power mode."
_POWER = "Use a stronger supply, or a lower power mode (sudo nvpmodel -m)."


class TemperatureCheck:
    """No zone is near the point from which the kernel takes clock away, and no clock is taken."""

    name = "temperature"
    uses_packages = False

    def run(self, machine: Machine) -> Finding:
        """Read the kernel's thermal zones, its coolers, and a Jetson's over-current counters."""
        load, tree = machine.settings.load, Tree(machine.root)
        worst = Thermal(machine.root / str(load.thermal_path).lstrip("/"), load.hot_c).worst()
        slowed = _slowed(tree)
        at = f"{worst.zone} is at {worst.temperature_c:.0f} °C, hot from {worst.limit_c:.0f} °C" if worst else ""
        if worst is not None and worst.excess_c >= 0:
            return Finding(Verdict.WARNING, f"{at}: the daemon does less (load.adapt)", _COOL)
        if slowed:
            return Finding(Verdict.WARNING, f"the kernel takes clock away by {slowed}", _COOL)
        dips = sum(tree.number(path) or 0 for path in tree.glob("sys/class/hwmon/hwmon*/oc*_event_cnt"))
        if dips:
            found = f"the board was slowed {dips} times since its start, for it drew more current than it may"
            return Finding(Verdict.WARNING, found, _POWER)
        return ok(at) if worst else not_applicable("no thermal zone tells its temperature here")


def _slowed(tree: Tree) -> str | None:
    """The coolers at work that are no fans, like cpufreq-cpu0."""
    folders = (path.rpartition("/")[0] for path in tree.glob("sys/class/thermal/cooling_device*/cur_state"))
    at_work = (tree.text(f"{folder}/type") or "" for folder in folders if tree.number(f"{folder}/cur_state"))
    return ", ".join(name for name in at_work if _COOLERS.search(name)) or None
