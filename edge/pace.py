"""How much work is done per second: all of it, or less while the board is hot or the machine busy."""

from __future__ import annotations

from typing import Any

from edge.clock import NS_PER_MS, NS_PER_S
from edge.config import LoadSettings
from edge.heat import HeatLevel
from edge.strain import StrainLevel, Ticks
from edge.thermal import Heat, Thermal
from edge.ticker import period_ns

LEVELS = ("full", "half", "slow")
HEAT_EVERY_NS = NS_PER_S
EXCUSED_NS = 3 * NS_PER_S
_EASED = (
    "all is done",
    "every other picture is looked at",
    "every other picture is looked at, and a result comes every 400 ms",
)


class Pace:
    """Level 0 (all), 1 (half of the pictures) or 2 (half of the results too): the worse of heat and load."""

    def __init__(self, settings: LoadSettings) -> None:
        self.level = 0
        self.reason: str | None = None
        """`hot` or `busy`; None at full pace."""
        self.thermal = Thermal(settings.thermal_path, settings.hot_c)
        self._adapt = settings.adapt
        self._heat: Heat | None = None
        self._heat_level = HeatLevel()
        self._strain = StrainLevel()
        self._read_ns: int | None = None
        self._excused_ns = 0
        self._why = ""

    def step(self, now_ns: int, ticks: Ticks) -> bool:
        """Look at the zones (once a second) and at the ticks so far; True when level or reason are new."""
        if self._read_ns is None or now_ns - self._read_ns >= HEAT_EVERY_NS:
            self._read_ns = now_ns
            self._heat = self.thermal.worst()
            self._heat_level.step(now_ns, self._heat)
        if now_ns < self._excused_ns:
            self._strain.forget()
        else:
            self._strain.step(now_ns, ticks)
        hot, busy = (self._heat_level.level, self._strain.level) if self._adapt else (0, 0)
        level = max(hot, busy)
        reason = None if level == 0 else "hot" if hot >= busy else "busy"
        if (level, reason) == (self.level, self.reason):
            return False
        self._why = self._hot_words() if reason == "hot" else self._busy_words()
        self.level, self.reason = level, reason
        return True

    def apply(self, settings: LoadSettings) -> None:
        """Other settings from now on; what was seen so far still counts."""
        self.thermal = Thermal(settings.thermal_path, settings.hot_c)
        self._adapt = settings.adapt
        self._read_ns = None

    def renewed(self, now_ns: int) -> None:
        """The machine has slept: what was missed meanwhile, and until the devices are back, was nobody's fault."""
        self._excused_ns = now_ns + EXCUSED_NS

    @property
    def words(self) -> str | None:
        """Why it is slower and what that means, as of the last change; None at full pace."""
        return f"{self._why}: {_EASED[self.level]}" if self.level else None

    def message(self) -> dict[str, Any]:
        """`pace` of the stats."""
        heat = self._heat
        return {
            "level": LEVELS[self.level],
            "reason": self.reason,
            "tick_ms": period_ns(self.level) // NS_PER_MS,
            "hot_zone": None if heat is None else heat.zone,
            "hot_zone_c": None if heat is None else round(heat.temperature_c, 1),
            "hot_from_c": None if heat is None else round(heat.limit_c, 1),
        }

    def _hot_words(self) -> str:
        heat = self._heat
        return "the board is hot" if heat is None else f"the board is hot ({heat.zone} {heat.temperature_c:.0f} °C)"

    def _busy_words(self) -> str:
        return f"the machine is busy ({self._strain.share:.0%} of the ticks missed)"
