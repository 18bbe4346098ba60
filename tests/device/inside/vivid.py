"""A camera by the kernel's virtual video driver: a real V4L2 device, pulled and put back on its bus."""

from __future__ import annotations

from pathlib import Path

from tests.device.inside.service import run

_DRIVER = Path("/sys/bus/platform/drivers/vivid")
_CAMERA = "vivid.0"
_ONLY_PICTURES = ("node_types=0x1", "num_inputs=1", "input_types=0")


class Camera:
    """Found in /dev/v4l/by-path by its place on the bus, whatever its number."""

    def load(self, number: int | None = None) -> None:
        """Plugged in as /dev/videoN, or with the lowest number that is free."""
        run("modprobe", "vivid", *_ONLY_PICTURES, *([] if number is None else [f"vid_cap_nr={number}"]))
        run("udevadm", "settle", check=False)

    def unload(self) -> None:
        """Its driver goes, too. Fails while somebody has it open."""
        run("modprobe", "-r", "vivid")

    def unplug(self) -> None:
        """As with a cable, whoever has it open: its node goes away, its users read errors."""
        if (_DRIVER / _CAMERA).exists():
            (_DRIVER / "unbind").write_text(_CAMERA)

    def plug(self) -> None:
        """It gets the number that it had, if that is free."""
        if not (_DRIVER / _CAMERA).exists():
            (_DRIVER / "bind").write_text(_CAMERA)

    @property
    def node(self) -> Path | None:
        """Its /dev/videoN, None while it is unplugged."""
        found = [path.name for path in (_DRIVER / _CAMERA / "video4linux").glob("video*")]
        return Path("/dev") / found[0] if found else None

    def turn(self, **controls: int) -> None:
        """Set some of its controls; a button is pressed by any value."""
        told = ",".join(f"{name}={value}" for name, value in controls.items())
        run("v4l2-ctl", "-d", str(self.node), "-c", told)
