"""Cameras that are pulled out and put back."""

from __future__ import annotations

from tests.bench.row import Row
from tests.device.inside.fault import Fault, measure
from tests.device.inside.place import Place

GOES_ON = "told with its reason; results go on; online again by itself"


def unplugged(place: Place) -> Row:
    """A camera is pulled while it streams."""
    made = "camera pulled while it streams (its driver unbound), put back"
    return measure(place, Fault(made, GOES_ON, "video", lambda: place.cameras.unplug(0), lambda: place.cameras.plug(0)))


def renumbered(place: Place) -> Row:
    """A camera comes back under another number, because another one took its own."""
    before = place.cameras.node(0)

    def pull() -> None:
        place.cameras.unplug(0)
        place.cameras.plug(1)

    def moved() -> tuple[str, bool]:
        other, now = place.cameras.node(1), place.cameras.node(0)
        used = [path for path in place.service.open_files() if path.startswith("/dev/video")]
        return f" from {now} (was {before}, which is another's now)", used == [str(now)] and other == before

    made = "camera pulled, another camera takes its number, the first is put back under a new one"
    promised = f"{GOES_ON}, from the same camera"
    return measure(place, Fault(made, promised, "video", pull, lambda: place.cameras.plug(0), also=moved))


def disconnected(place: Place) -> Row:
    """vivid plays the unplugged camera itself until it is closed."""
    made = "the driver's own `disconnect`: every call fails until the camera is closed"

    def press() -> None:
        place.cameras.turn(disconnect=1)

    return measure(place, Fault(made, GOES_ON, "video", press, lambda: None, lasts_s=0.0))
