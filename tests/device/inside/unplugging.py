"""Cameras that are pulled out and put back."""

from __future__ import annotations

from tests.bench.row import Row
from tests.device.inside.fault import Fault, measure
from tests.device.inside.place import Place
from tests.device.inside.service import CAMERAS, holders

GOES_ON = "told with its reason; results go on; online again by itself"
OTHER_NUMBER = 5


def unplugged(place: Place) -> Row:
    """A camera is pulled while it streams."""
    made = "camera pulled while it streams (its driver unbound), put back"
    return measure(place, Fault(made, GOES_ON, "video", place.camera.unplug, place.camera.plug))


def renumbered(place: Place) -> Row:
    """A camera comes back under another number."""

    def plug_elsewhere() -> None:
        place.until(lambda: not holders(CAMERAS), "the daemon has given the camera up")
        place.camera.unload()
        place.camera.load(OTHER_NUMBER)

    def moved() -> tuple[str, bool]:
        now = place.camera.node
        return f" as {now} (was {before})", before != now and str(now) in place.service.open_files()

    before = place.camera.node
    made = f"camera 0 pulled and put back as /dev/video{OTHER_NUMBER}"
    try:
        return measure(place, Fault(made, GOES_ON, "video", place.camera.unplug, plug_elsewhere, also=moved))
    finally:
        place.camera.unplug()
        place.until(lambda: not holders(CAMERAS), "the daemon has given the camera up")
        place.camera.unload()
        place.camera.load()


def disconnected(place: Place) -> Row:
    """vivid plays the unplugged camera itself until it is closed."""
    made = "the driver's own `disconnect`: every call fails until the camera is closed"

    def press() -> None:
        place.camera.turn(disconnect=1)

    return measure(place, Fault(made, GOES_ON, "video", press, lambda: None, lasts_s=0.0))
