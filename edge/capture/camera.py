"""Live cameras: V4L2, CSI by way of GStreamer, RTSP and MJPEG over HTTP."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from edge.capture.binding import Binding
from edge.capture.cameras import device_files, is_video_device
from edge.capture.grabber import Grabber
from edge.capture.knock import Knocker
from edge.capture.left_behind import LeftBehind
from edge.capture.opencv import open_csi, open_url, open_v4l2
from edge.capture.spec import Spec
from edge.clock import NS_PER_MS, NS_PER_S, Clock, MonotonicClock
from edge.errors import DeviceError, EdgeError
from edge.samples import Frame, StampKind


def frame_stamp(driver_ms: float, arrived_ns: int) -> tuple[int, StampKind]:
    """The moment of capture: the driver's stamp (CLOCK_MONOTONIC) if it lies in the second before now, or arrival."""
    driver_ns = round(driver_ms * NS_PER_MS)
    if driver_ms > 0 and 0 <= arrived_ns - driver_ns <= NS_PER_S:
        return driver_ns, "driver"
    return arrived_ns, "arrival"


class Camera:
    """A VideoSource on a live device. A thread of its own reads the device, so that no call here can hang on it."""

    live = True

    def __init__(
        self, spec: Spec, *, width: int = 640, height: int = 480, fps: int = 30, clock: Clock | None = None
    ) -> None:
        self.name = spec.label
        self.stamp_kind: StampKind = "arrival"
        self._spec = spec
        self._size = (width, height, fps)
        self._clock = clock or MonotonicClock()
        self._binding = Binding(spec, self._clock)
        self._knocker = Knocker(spec.value, self._clock) if spec.kind == "url" else None
        self._path: Path | None = None
        self._grabber: Grabber | None = None
        self._left = LeftBehind()
        self._opened_at: object = None
        self._seq = 0
        self._lost_before = 0

    @property
    def overflows(self) -> int:
        """Pictures lost so far, in all openings, because nobody read in time."""
        grabber = self._grabber  # another thread may close it meanwhile
        return self._lost_before + (grabber.inbox.overflows if grabber else 0)

    def open(self) -> None:
        """Start the camera. Raises DeviceError when it is absent, busy or silent."""
        self.close()
        self.stamp_kind, self._seq = "arrival", 0
        self._opened_at = self._seen()
        if not self._left.allow(self._opened_at):
            raise DeviceError(f"Camera {self.name!r} hangs since it was last opened: plug it in anew, or wait.")
        grabber = Grabber(self._spec, self._open_capture, self._clock, self._is_present)
        try:
            grabber.start()
        except EdgeError:
            self._left.add(grabber, self._opened_at)
            raise
        self._grabber = grabber
        if self._knocker is not None:
            self._knocker.opened()

    def read(self, timeout_s: float) -> Frame | None:
        """The next frame, or None when none came in time. Raises DeviceError when the camera is lost."""
        grabber = self._grabber
        if grabber is None:
            raise DeviceError(f"Camera {self.name!r} is not open.")
        grab = grabber.inbox.take(timeout_s)
        if grab is None:
            return None
        t_ns, self.stamp_kind = frame_stamp(grab.driver_ms, grab.arrived_ns)
        frame = Frame(t_ns, grab.arrived_ns, self._seq, grab.image)
        self._seq += 1
        return frame

    def presence(self) -> object:
        """The device files as they are now; of an address that is not open, how often it answered after silence."""
        if self._knocker is not None and self._grabber is None:
            self._knocker.poll()
        return self._seen()

    def close(self) -> None:
        """Release the camera, or stop asking for it; a read that waits ends with DeviceError."""
        if self._knocker is not None:
            self._knocker.close()
        grabber, self._grabber = self._grabber, None
        if grabber is not None:
            self._lost_before += grabber.inbox.overflows
            grabber.stop()
            self._left.add(grabber, self._opened_at)

    def _seen(self) -> object:
        return device_files() if self._knocker is None else self._knocker.returns

    def _is_present(self) -> bool:
        return self._path is None or is_video_device(self._path)

    def _open_capture(self) -> Any:
        if self._spec.kind == "url":
            return open_url(self._spec)
        if self._spec.kind == "csi":
            return open_csi(self._spec, *self._size)
        path = self._binding.find()
        capture = open_v4l2(path, *self._size)
        self._path = Path(os.path.realpath(path))
        self._binding.opened(path)
        return capture
