"""How hot the board is: the kernel's thermal zones, each against the temperature that slows it down."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SYSFS = Path("/sys/class/thermal")
USUAL_LIMIT_C = 85.0
"""For a zone that says nothing of its own."""
MARGIN_C = 5.0
"""The work is eased so much below the trip point from which the kernel takes clock away."""
CRITICAL_MARGIN_C = 10.0

_BELIEVED_C = (0.0, 126.0)
"""Sensors that sleep or are missing read -273, -256, 0 or 127."""
_BELIEVED_TRIP_C = (50.0, 126.0)
"""Lower ones belong to fans, to hands on a casing, or to nobody."""
_SLOWING = frozenset({"passive", "hot"})
_PLACEHOLDERS = frozenset({"pmic-die"})
"""On a Jetson Nano or TX2 the zone PMIC-Die reads 100 °C for ever."""


@dataclass(frozen=True)
class Heat:
    """One zone's temperature, and the limit from which it is too hot, in °C."""

    zone: str
    temperature_c: float
    limit_c: float

    @property
    def excess_c(self) -> float:
        """How far it is above its limit; < 0 below it."""
        return self.temperature_c - self.limit_c


class Thermal:
    """Reads `thermal_zone*` below `root`. With `hot_c` that is every zone's limit. Never raises: zones come and go."""

    def __init__(self, root: Path = SYSFS, hot_c: float | None = None) -> None:
        self._root = root
        self._hot_c = hot_c
        self._limits_c: dict[tuple[str, str], float] = {}

    def zones(self) -> list[Heat]:
        """All zones whose temperature can be believed."""
        found = []
        for path in sorted(self._root.glob("thermal_zone*")):
            kind, temperature_c = _text(path / "type"), _celsius(path / "temp")
            if temperature_c is None or not _between(temperature_c, _BELIEVED_C):
                continue
            if kind.lower() not in _PLACEHOLDERS:
                found.append(Heat(kind or path.name, temperature_c, self._limit_c(path, kind)))
        return found

    def worst(self) -> Heat | None:
        """The zone that is nearest to its own limit, or farthest above it; None where there are no zones."""
        return max(self.zones(), key=lambda heat: heat.excess_c, default=None)

    def hottest_c(self) -> float | None:
        """The highest temperature of all; None where there are no zones."""
        return max((heat.temperature_c for heat in self.zones()), default=None)

    def _limit_c(self, path: Path, kind: str) -> float:
        """Read once for each zone: trip points do not move."""
        if self._hot_c is not None:
            return self._hot_c
        key = (path.name, kind)
        if key not in self._limits_c:
            self._limits_c[key] = _limit_of(_trips(path))
        return self._limits_c[key]


def _limit_of(trips: list[tuple[str, float]]) -> float:
    """The lowest trip that slows the board down, less a margin; else the usual limit, well below the critical trip."""
    slowing = [at_c for kind, at_c in trips if kind in _SLOWING]
    if slowing:
        return min(slowing) - MARGIN_C
    critical = [at_c - CRITICAL_MARGIN_C for kind, at_c in trips if kind == "critical"]
    return min([USUAL_LIMIT_C, *critical])


def _trips(path: Path) -> list[tuple[str, float]]:
    """(kind, °C) of the trip points that can be believed."""
    found = []
    for named in sorted(path.glob("trip_point_*_type")):
        at_c = _celsius(named.with_name(named.name.removesuffix("type") + "temp"))
        if at_c is not None and _between(at_c, _BELIEVED_TRIP_C):
            found.append((_text(named), at_c))
    return found


def _between(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] < value < limits[1]


def _celsius(path: Path) -> float | None:
    """Thousandths of a degree in a file; None when it cannot be read, like a zone of a sleeping device."""
    try:
        return int(_text(path)) / 1000
    except (ValueError, OverflowError):
        return None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
