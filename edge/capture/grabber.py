"""The thread that reads one cv2.VideoCapture, so that no call of its reader can hang on a driver."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from edge.capture.inbox import Inbox
from edge.capture.opencv import patience_ms
from edge.capture.picture import fit_size
from edge.capture.spec import Spec
from edge.capture.stale import Backlog, RepeatWatch
from edge.clock import NS_PER_MS, NS_PER_S, Clock
from edge.errors import DeviceError, EdgeError
from edge.samples import Image

_OPEN_LIMIT_S = 7.0
_STALL_LIMIT_NS = 2 * NS_PER_S
_ERRORS_LIMIT_NS = 500 * NS_PER_MS
"""A driver may report one error and go on; one that has nothing else to say for so long needs a new opening."""
_AT_ONCE_NS = 100 * NS_PER_MS
"""A grab that ends sooner without a picture has met an error: where nothing comes it waits for a second."""
_AT_ONCE_PAUSE_S = 0.01
"""So that a driver that answers at once, but not with a picture, keeps no core busy."""
_CLOSE_LIMIT_S = 3.0
_INBOX = 4
"""Pictures between the camera's thread and the reader: enough for a hiccup, too few to grow old."""


@dataclass(frozen=True)
class Grab:
    """One picture as the driver handed it over; `driver_ms` is its CAP_PROP_POS_MSEC, 0 where that means nothing."""

    image: Image
    arrived_ns: int
    driver_ms: float


class Grabber:
    """The thread that owns one cv2.VideoCapture from opening to release: OpenCV's captures are not thread-safe.

    `present` says whether a device that reports an error is still plugged in.
    """

    def __init__(
        self, spec: Spec, opening: Callable[[], Any], clock: Clock, present: Callable[[], bool] = lambda: True
    ) -> None:
        self.inbox: Inbox[Grab] = Inbox(_INBOX)
        self._spec = spec
        self._opening = opening
        self._clock = clock
        self._present = present
        self._stopping = threading.Event()
        self._opened = threading.Event()
        self._error: EdgeError | None = None
        self._thread = threading.Thread(target=self._run, name=f"camera {spec.label}", daemon=True)

    def start(self) -> None:
        """Open the device, or raise why not."""
        self._thread.start()
        if not self._opened.wait(_OPEN_LIMIT_S):
            self._stopping.set()
            raise DeviceError(f"Camera {self._spec.label!r} did not open within {_OPEN_LIMIT_S:.0f} s: check it.")
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """Have the thread release the device; one that hangs in its driver is left behind."""
        self._stopping.set()
        self.inbox.fail(DeviceError(f"Camera {self._spec.label!r} has been closed."))
        self._thread.join(_CLOSE_LIMIT_S)

    @property
    def running(self) -> bool:
        """Whether the thread holds the device, or hangs in its driver."""
        return self._thread.is_alive()

    def _run(self) -> None:
        capture = None
        try:
            capture = self._opening()
            self._opened.set()
            if self._spec.kind in ("url", "csi"):
                self._grab_stream(capture)
            else:
                self._grab_local(capture)
        except EdgeError as error:
            self._error = error
            self.inbox.fail(error)
        except Exception as error:
            self._error = DeviceError(f"Camera {self._spec.label!r} failed: {error}.")
            self.inbox.fail(self._error)
        finally:
            self._opened.set()
            if capture is not None:
                capture.release()

    def _grab_local(self, capture: Any) -> None:
        """Pictures of a V4L2 device, each once.

        Of the errors of a driver OpenCV tells only that there was one: `grab` fails, at once. A single EIO is a lost
        picture, EIO from then on a stream that has to be begun anew, and ENODEV an unplugged camera.
        """
        repeats = RepeatWatch()
        good_ns = self._clock.now_ns()
        while not self._stopping.is_set():
            asked_ns = self._clock.now_ns()
            grabbed = capture.grab()
            now_ns = self._clock.now_ns()
            driver_ms = float(capture.get(cv2.CAP_PROP_POS_MSEC)) if grabbed else 0.0
            image = _retrieve(capture) if grabbed else None
            if image is not None and not repeats.step(image, driver_ms):
                good_ns = now_ns
                self.inbox.put(Grab(_inside(image), now_ns, driver_ms))
            elif now_ns - good_ns > _STALL_LIMIT_NS:
                raise self._lost()
            elif now_ns - asked_ns < _AT_ONCE_NS:
                if not grabbed:
                    self._bear_error(now_ns - good_ns)
                self._stopping.wait(_AT_ONCE_PAUSE_S)

    def _bear_error(self, lasted_ns: int) -> None:
        """Raises DeviceError when it is no use going on."""
        if not self._present():
            raise DeviceError(f"Camera {self._spec.label!r} has been unplugged: plug it in again.")
        if lasted_ns > _ERRORS_LIMIT_NS:
            raise DeviceError(
                f"Camera {self._spec.label!r} reports errors instead of pictures: if it does not recover, "
                "plug it in anew, and not into a hub."
            )

    def _grab_stream(self, capture: Any) -> None:
        """Pictures of a network or CSI camera, from the first live one on.

        When FFmpeg has lost patience it hands out the picture that its decoder held back: that is no sign of life.
        """
        asked_ns = self._clock.now_ns()
        backlog = Backlog(asked_ns)
        patience_ns = patience_ms(self._spec) * NS_PER_MS
        while not self._stopping.is_set():
            if not capture.grab():
                raise self._lost()
            now_ns = self._clock.now_ns()
            if now_ns - asked_ns >= patience_ns:
                raise self._lost()
            if not backlog.step(asked_ns, now_ns):
                image = _retrieve(capture)
                if image is None:
                    raise self._lost()
                self.inbox.put(Grab(_inside(image), now_ns, 0.0))
            asked_ns = self._clock.now_ns()

    def _lost(self) -> DeviceError:
        return DeviceError(f"Camera {self._spec.label!r} sends no more pictures: check its cable or network.")


def _retrieve(capture: Any) -> Any:
    """The grabbed picture; None for one that cannot be decoded, as of a buffer that came half empty."""
    try:
        image = capture.retrieve()[1]
    except cv2.error:
        return None
    return image if image is not None and image.size else None


def _inside(image: Any) -> Image:
    """BGR, three channels, no larger than the rest of the program wants."""
    if image.ndim == 2:
        image = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
    size = fit_size(image.shape[1], image.shape[0])
    if size != (image.shape[1], image.shape[0]):
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(image)
