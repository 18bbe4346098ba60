"""A short look through a camera that is opened for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from edge.capture.fault import Fault
from edge.capture.picture_watch import BLACK_AFTER_NS, PictureWatch
from edge.capture.source import VideoSource
from edge.clock import NS_PER_MS, NS_PER_S, Clock
from edge.doctor.closed import unless_closed
from edge.errors import DeviceError
from edge.samples import Frame

LOOK_NS = BLACK_AFTER_NS + 500 * NS_PER_MS
"""From the first picture: as long as the daemon needs to call one black or frozen."""
FIRST_LIMIT_NS = 6 * NS_PER_S
_READ_S = 0.1


@dataclass(frozen=True)
class Seen:
    """`fps` over the look, 0 where only one picture came. `fault`: its words, of black or frozen pictures."""

    width: int
    height: int
    fps: float
    fault: str | None


def look(camera: VideoSource, clock: Clock, off: Callable[[], str | None]) -> Seen:
    """Open it, count its pictures, close it. Raises DeviceError, or ClosedError as soon as `off` says why."""
    watch, fault = PictureWatch(), None
    stamps: list[int] = []
    newest: Frame | None = None
    try:
        unless_closed(off)
        camera.open()
        began_ns = clock.now_ns()
        while not _is_done(began_ns, stamps, clock.now_ns()):
            unless_closed(off)
            frame = camera.read(_READ_S)
            if frame is not None:
                newest, fault = frame, watch.step(frame)
                stamps.append(frame.arrived_ns)
    finally:
        camera.close()
    if newest is None:
        raise DeviceError(f"Camera {camera.name!r} opens, but no picture came within {FIRST_LIMIT_NS // NS_PER_S} s.")
    height, width = newest.image.shape[:2]
    return Seen(width, height, _rate(stamps), _words(fault))


def _is_done(began_ns: int, stamps: list[int], now_ns: int) -> bool:
    return now_ns - stamps[0] >= LOOK_NS if stamps else now_ns - began_ns >= FIRST_LIMIT_NS


def _rate(stamps: list[int]) -> float:
    span_ns = stamps[-1] - stamps[0]
    return (len(stamps) - 1) * NS_PER_S / span_ns if span_ns > 0 else 0.0


def _words(fault: Fault | None) -> str | None:
    return fault.words if fault else None
