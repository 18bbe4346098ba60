"""Finds the live camera whose pictures show nothing that happens: frozen or black ones."""

from __future__ import annotations

import numpy as np

from edge.capture.fault import Fault
from edge.capture.lasting import Lasting
from edge.clock import NS_PER_S
from edge.samples import Frame, Image

FROZEN_AFTER_NS = 2 * NS_PER_S
BLACK_AFTER_NS = 2 * NS_PER_S
HEALS_NS = NS_PER_S
_STILL_NS = NS_PER_S // 2
_REPEATS = 3
"""Equal pictures in a row before they mean anything: one that is sent again after a pause does not."""
_STEP = 8
_BLACK_MEAN = 20.0
"""Video levels begin at 16, and some drivers hand them on as they are."""
_BLACK_SPREAD = 5.0

BLACK = Fault("its picture is black: a lens cap, a shutter, or no light")
_WORDS = "its picture has not changed for 2 s"
FROZEN = Fault(_WORDS, masks=True, reopens=True)
STILL = Fault(_WORDS, masks=True)


class PictureWatch:
    """A Watch[Frame]: `step` gives the fault of the camera as of this picture.

    Frozen: every pixel has been the same for 2 s, at least three times over. A sensor's noise lets no two pictures
    be equal, however still the scene; only a picture that is handed out again is. It is over when pictures have
    changed for 1 s without standing still for half a second in between.

    The one exception is H.264 of a scene without noise: between two key frames its pictures may be equal (x264 lets
    one in ten be so where the noise is half a level, and most of them without any). It is frozen by the same rule,
    since whoever comes into the scene changes it and ends that within 1 s; a key frame alone does not end it, so that
    the state does not flap with them. But a camera whose picture changes now and then lives, and is not opened again
    for it (STILL instead of FROZEN); the first picture after an opening proves nothing.

    Black: mean and spread near nothing for 2 s, over after 1 s without. Nothing is hidden by leaving such pictures in,
    and opening the camera again takes off no lens cap: a black picture that is also frozen is told as black.

    A buffer that a driver hands out twice, stamp and all, is no picture and does not come here (RepeatWatch).
    """

    def __init__(self) -> None:
        self._last: Image | None = None
        self._sample = b""
        self._changed_ns = 0
        """Arrival of the last picture that differed from the one before."""
        self._arrived_ns = 0
        self._repeats = 0
        self._changing_from_ns = 0
        self._frozen = False
        self._lives = False
        self._first = True
        self._black = Lasting(BLACK_AFTER_NS, HEALS_NS)

    def reopened(self) -> None:
        """The camera was opened again; what was frozen stays so until its pictures change for a while."""
        self._first = True

    def step(self, frame: Frame) -> Fault | None:
        """What is wrong as of this picture. Two passes at most over its pixels: about 0.1 ms at 640x480."""
        pixels = frame.image[::_STEP, ::_STEP]
        sample = pixels.tobytes()
        if self._last is not None and sample == self._sample and np.array_equal(frame.image, self._last):
            self._same(frame.arrived_ns)
        else:
            self._changed(frame.arrived_ns)
        self._last, self._sample, self._arrived_ns = frame.image, sample, frame.arrived_ns
        self._first = False
        levels = np.frombuffer(sample, np.uint8)
        dark = float(levels.mean()) <= _BLACK_MEAN and float(levels.std()) <= _BLACK_SPREAD
        if self._black.step(dark, frame.arrived_ns):
            return BLACK
        if self._frozen:
            return STILL if self._lives else FROZEN
        return None

    def _same(self, now_ns: int) -> None:
        if now_ns - self._arrived_ns > FROZEN_AFTER_NS:
            # Nothing came meanwhile: the last picture, sent again, ends a pause.
            self._changed_ns, self._repeats = now_ns, 0
        self._repeats += 1
        if self._repeats >= _REPEATS and now_ns - self._changed_ns >= FROZEN_AFTER_NS:
            self._frozen = True

    def _changed(self, now_ns: int) -> None:
        stood_still = self._repeats > 0 and now_ns - self._changed_ns > _STILL_NS
        if stood_still or self._first:
            self._changing_from_ns = now_ns
        self._changed_ns, self._repeats = now_ns, 0
        if self._frozen:
            self._lives = self._lives or not self._first
            if now_ns - self._changing_from_ns >= HEALS_NS:
                self._frozen = self._lives = False
