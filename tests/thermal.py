"""A folder of thermal zones like the kernel's, with temperatures that a test sets."""

from __future__ import annotations

from pathlib import Path


class ThermalTree:
    """`path` is what `load.thermal_path` is given."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)

    def zone(self, number: int, kind: str, temperature_c: float, **trips_c: float) -> Path:
        """Make or replace zone `number`; trip points by kind, like passive=99.0."""
        zone = self.path / f"thermal_zone{number}"
        zone.mkdir(exist_ok=True)
        (zone / "type").write_text(f"{kind}\n", encoding="ascii")
        for place, (trip, at_c) in enumerate(trips_c.items()):
            (zone / f"trip_point_{place}_type").write_text(f"{trip}\n", encoding="ascii")
            (zone / f"trip_point_{place}_temp").write_text(f"{round(1000 * at_c)}\n", encoding="ascii")
        self.heat(number, temperature_c)
        return zone

    def heat(self, number: int, temperature_c: float) -> None:
        """Set the temperature of a zone, at one stroke."""
        temp = self.path / f"thermal_zone{number}" / "temp"
        new = temp.with_name("temp.new")
        new.write_text(f"{round(1000 * temperature_c)}\n", encoding="ascii")
        new.replace(temp)
