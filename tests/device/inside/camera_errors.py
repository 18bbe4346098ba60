"""Cameras that stay where they are and fail."""

from __future__ import annotations

from tests.bench.row import Row
from tests.device.inside.fault import Fault, measure
from tests.device.inside.place import Place
from tests.device.inside.unplugging import GOES_ON

HALF = 50
OSD_ALL, OSD_NONE = 0, 2


def streaming_error(place: Place) -> Row:
    """DQBUF answers EIO, until the camera is opened again."""
    made = "`inject_fatal_streaming_error`: reading answers EIO until the camera is opened again"

    def press() -> None:
        place.camera.turn(inject_fatal_streaming_error=1)

    return measure(place, Fault(made, GOES_ON, "video", press, lambda: None, lasts_s=0.0))


def start_error(place: Place) -> Row:
    """A camera that comes back and does not start at its first time."""
    made = "camera pulled and put back; its first STREAMON fails (`inject_vidioc_streamon_error`)"

    def plug() -> None:
        place.camera.plug()
        place.camera.turn(inject_vidioc_streamon_error=1)

    return measure(place, Fault(made, GOES_ON, "video", place.camera.unplug, plug))


def frozen(place: Place) -> Row:
    """Equal pixels come for ever."""

    def pictures_flow() -> tuple[str, bool]:
        kind = place.ear.detail("video").get("stamp_kind")
        return f" (stamps: {kind})", kind is not None

    return measure(
        place,
        Fault(
            "a motionless test picture without its counters: the same pixels again and again",
            "degraded, told as frozen; results go on; online again when the picture moves",
            "video",
            lambda: place.camera.turn(osd_text_mode=OSD_NONE),
            lambda: place.camera.turn(osd_text_mode=OSD_ALL),
            ("degraded", "offline"),
            also=pictures_flow,
        ),
    )


def dropped(place: Place) -> Row:
    """Half of the buffers never come."""
    return measure(
        place,
        Fault(
            f"`percentage_of_dropped_buffers` {HALF}: half of ten pictures a second",
            "degraded, told as too few for mouths; the pictures that come are used; online again",
            "video",
            lambda: place.camera.turn(percentage_of_dropped_buffers=HALF),
            lambda: place.camera.turn(percentage_of_dropped_buffers=0),
            ("degraded",),
            without=False,
        ),
    )
