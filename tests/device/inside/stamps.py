"""The time stamps of a camera's driver."""

from __future__ import annotations

import time

from tests.bench.row import Row
from tests.device.inside.place import Place

END_OF_FRAME, START_OF_EXPOSURE = 0, 1
SPAN_S = 3.0


def stamped(place: Place) -> Row:
    """The driver stamps exposures; then ends of frames, which it hands over before they come."""
    seen = []
    for source in (START_OF_EXPOSURE, END_OF_FRAME):
        place.camera.turn(timestamp_source=source)
        time.sleep(SPAN_S)
        seen.append(place.ear.detail("video").get("stamp_kind"))
    skips = place.ear.heard("stats")[-1].json()["skips"]["stamps"]
    return Row(
        "the driver stamps starts of exposure; then ends of frame, which vivid hands over before they come",
        f"stamp_kind {seen[0]}; then {seen[1]}; {skips} pictures not believed; video {place.ear.state('video')}",
        "the driver's stamps while they are sane, arrivals when they lie ahead; online throughout",
        seen == ["driver", "arrival"] and place.ear.state("video") == "online",
        {"stamp_kinds": seen, "skips": skips},
    )
