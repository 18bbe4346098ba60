"""Cameras by the kernel's virtual video driver: real V4L2 devices, pulled and put back on their bus."""

from __future__ import annotations

from pathlib import Path

from tests.device.inside.service import run

_DRIVER = Path("/sys/bus/platform/drivers/vivid")


class Cameras:
    """Two of them, `vivid.0` and `vivid.1`: the daemon is told to use the first by its place on the bus."""

    def load(self) -> None:
        """The first is plugged in, the second is not."""
        run("modprobe", "vivid")
        self.unplug(1)
        run("udevadm", "settle", check=False)

    def unplug(self, number: int) -> None:
        """As with a cable, whoever has it open: its node goes away, its users read errors."""
        if (_DRIVER / f"vivid.{number}").exists():
            (_DRIVER / "unbind").write_text(f"vivid.{number}")

    def plug(self, number: int) -> None:
        """It gets the lowest number that is free."""
        if not (_DRIVER / f"vivid.{number}").exists():
            (_DRIVER / "bind").write_text(f"vivid.{number}")

    def node(self, number: int) -> Path | None:
        """Its /dev/videoN, None while it is unplugged."""
        found = [path.name for path in (_DRIVER / f"vivid.{number}" / "video4linux").glob("video*")]
        return Path("/dev") / found[0] if found else None

    def turn(self, **controls: int) -> None:
        """Set controls of the first camera; a button is pressed by any value."""
        told = ",".join(f"{name}={value}" for name, value in controls.items())
        run("v4l2-ctl", "-d", str(self.node(0)), "-c", told)
