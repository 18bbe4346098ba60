"""Pictures that are older than the moment at which they are handed over."""

from __future__ import annotations

from edge.clock import NS_PER_MS, NS_PER_S
from edge.samples import Image

_WAITED_NS = 8 * NS_PER_MS
"""A grab that took longer than this had to wait for the camera; from a backlog it takes a decoder's few ms."""
_PAUSE_NS = 250 * NS_PER_MS
"""Cameras that send several pictures at a time are left with all of them."""
_BACKLOG_LIMIT_NS = 3 * NS_PER_S


class Backlog:
    """Tells pictures that have piled up: they come in one burst, and their arrival dates nothing.

    They do so while FFmpeg studies a stream, and while a network holds them up: then only the first one, for which the
    camera's thread has waited, is let through.
    """

    def __init__(self, began_ns: int) -> None:
        self._began_ns: int | None = began_ns

    def step(self, asked_ns: int, now_ns: int) -> bool:
        """Whether the picture that was asked for and came at these moments is one of them."""
        waited_ns = now_ns - asked_ns
        if self._began_ns is not None and (waited_ns > _WAITED_NS or now_ns - self._began_ns > _BACKLOG_LIMIT_NS):
            self._began_ns = None
        piled_up = self._began_ns is not None
        if waited_ns > _PAUSE_NS:
            self._began_ns = now_ns
        return piled_up


class RepeatWatch:
    """Finds the buffer that some drivers hand out for ever after an unplug: nothing new has come.

    A repeat has the driver's stamp and the pixels of the one before. The same pixels with a new stamp, or from a
    driver that gives no stamps, are a picture that was delivered: what it is worth is for PictureWatch to say.
    """

    def __init__(self) -> None:
        self._last: tuple[float, bytes] | None = None

    def step(self, image: Image, driver_ms: float) -> bool:
        """Whether this picture is the last one again."""
        seen = (driver_ms, image[::8, ::8].tobytes())
        repeated = driver_ms > 0 and seen == self._last
        self._last = seen
        return repeated
