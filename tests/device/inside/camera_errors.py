"""Cameras that stay where they are and fail."""

from __future__ import annotations

import time

from tests.bench.row import Row
from tests.device.inside.fault import Fault, measure
from tests.device.inside.place import Place
from tests.device.inside.unplugging import GOES_ON

SPAN_S = 8.0
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
    fps_before = _camera_fps(place)
    since = time.monotonic()
    place.camera.turn(percentage_of_dropped_buffers=HALF)
    place.tell("half of the buffers")
    place.until(lambda: len(place.ear.heard("stats", since)) >= 2, "two stats")
    state, reason = place.ear.state("video"), place.ear.detail("video").get("reason")
    fps = _camera_fps(place)
    results = place.ear.results(since)
    place.camera.turn(percentage_of_dropped_buffers=0)
    place.tell("all buffers again")
    place.until_state("video", "online")
    return Row(
        f"`percentage_of_dropped_buffers` {HALF}",
        f"camera_fps {fps_before} → {fps}; {state}: “{reason}”; {len(results)} results meanwhile; online again",
        "the rate is told, and that it is too low for mouths; results go on; online again",
        fps < 0.75 * fps_before and state in {"online", "degraded"} and bool(results),
        {"fps_before": fps_before, "fps": fps, "results": len(results)},
    )


def _camera_fps(place: Place) -> float:
    """As the newest stats say."""
    place.until(lambda: place.ear.last("stats"), "stats")
    return float(place.ear.heard("stats")[-1].json()["camera_fps"])
