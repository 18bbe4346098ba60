"""Live cameras through OpenCV: V4L2, CSI by way of GStreamer, RTSP and MJPEG over HTTP.

The only importer of cv2.VideoCapture.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from edge.capture.devices import find_camera
from edge.capture.inbox import Inbox
from edge.capture.picture import fit_size
from edge.capture.spec import Spec
from edge.clock import NS_PER_MS, NS_PER_S, Clock, MonotonicClock
from edge.errors import DeviceError, EdgeError
from edge.samples import Frame, Image, StampKind

_TIMEOUT_MS = 2000
"""Longest wait for an address to answer, and for its next picture."""
_OWN_OPTIONS = os.environ.get("OPENCV_FFMPEG_CAPTURE_OPTIONS")
_HTTP_OPTIONS = "fflags;nobuffer|flags;low_delay"
_RTSP_OPTIONS = "rtsp_transport;tcp|flags;low_delay"
"""Not `nobuffer`: it throws away the packets it looked at, and with them the first key frame of H.264."""
_OPEN_LIMIT_S = 6.0
_STALL_LIMIT_NS = 2 * NS_PER_S
_CLOSE_LIMIT_S = 3.0
_INBOX = 4
"""Pictures between the camera's thread and the reader: enough for a hiccup, too few to grow old."""


@dataclass(frozen=True)
class Grab:
    """One picture as the driver handed it over; `driver_ms` is its CAP_PROP_POS_MSEC, 0 where that means nothing."""

    image: Image
    arrived_ns: int
    driver_ms: float


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
        self._grabber: _Grabber | None = None
        self._seq = 0

    @property
    def overflows(self) -> int:
        """Pictures lost since `open` because nobody read in time."""
        return self._grabber.inbox.overflows if self._grabber else 0

    def open(self) -> None:
        """Start the camera. Raises DeviceError when it is absent, busy or silent."""
        self.close()
        self.stamp_kind, self._seq = "arrival", 0
        grabber = _Grabber(self._spec, self._size, self._clock)
        grabber.start()
        self._grabber = grabber

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

    def close(self) -> None:
        """Release the camera; a read that waits ends with DeviceError."""
        grabber, self._grabber = self._grabber, None
        if grabber is not None:
            grabber.stop()


class _Grabber:
    """The thread that owns one cv2.VideoCapture from opening to release: OpenCV's captures are not thread-safe."""

    def __init__(self, spec: Spec, size: tuple[int, int, int], clock: Clock) -> None:
        self.inbox: Inbox[Grab] = Inbox(_INBOX)
        self._spec = spec
        self._size = size
        self._clock = clock
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

    def _run(self) -> None:
        capture = None
        try:
            capture = open_capture(self._spec, *self._size)
            self._opened.set()
            self._grab_all(capture)
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

    def _grab_all(self, capture: Any) -> None:
        local = self._spec.kind not in ("url", "csi")
        repeats = RepeatWatch()
        last_ns = self._clock.now_ns()
        while not self._stopping.is_set():
            grabbed = capture.grab()
            now_ns = self._clock.now_ns()
            driver_ms = float(capture.get(cv2.CAP_PROP_POS_MSEC)) if local else 0.0
            image = capture.retrieve()[1] if grabbed else None
            if image is not None and not (local and repeats.step(image, driver_ms)):
                last_ns = now_ns
                self.inbox.put(Grab(_inside(image), now_ns, driver_ms))
            elif not local or now_ns - last_ns > _STALL_LIMIT_NS:
                raise DeviceError(f"Camera {self._spec.label!r} sends no more pictures: check its cable or network.")


class RepeatWatch:
    """Finds the picture that some drivers hand out for ever after an unplug.

    A repeat has the driver's stamp and the pixels of the one before; a still scene has a new stamp.
    """

    def __init__(self) -> None:
        self._last: tuple[float, bytes] | None = None

    def step(self, image: Image, driver_ms: float) -> bool:
        """Whether this picture is the last one again."""
        seen = (driver_ms, image[::8, ::8].tobytes())
        repeated = seen == self._last
        self._last = seen
        return repeated


def open_capture(spec: Spec, width: int, height: int, fps: int) -> Any:
    """An opened cv2.VideoCapture for `spec`. Raises DeviceError."""
    _quieten_opencv()
    if spec.kind == "url":
        return _open_url(spec)
    if spec.kind == "csi":
        return _open_csi(spec, width, height, fps)
    return _open_v4l2(spec, width, height, fps)


def _quieten_opencv() -> None:
    """Time limits and silence that OpenCV takes from the environment only; a user's own settings win."""
    os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "1")
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    logging = getattr(getattr(cv2, "utils", None), "logging", None)
    if logging is not None:
        logging.setLogLevel(logging.LOG_LEVEL_SILENT)


def _open_url(spec: Spec) -> Any:
    limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, _TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, _TIMEOUT_MS]
    own = _RTSP_OPTIONS if spec.value.lower().startswith("rtsp") else _HTTP_OPTIONS
    os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = _OWN_OPTIONS or own
    capture = _try(lambda: cv2.VideoCapture(spec.value, cv2.CAP_FFMPEG, limits))
    if capture is None:
        raise DeviceError(f"Camera {spec.label!r} does not answer with a video: check the address and the camera.")
    return capture


def _open_csi(spec: Spec, width: int, height: int, fps: int) -> Any:
    if not cv2.videoio_registry.hasBackend(cv2.CAP_GSTREAMER):
        raise DeviceError(
            f"Camera 'csi:{spec.value}' needs an OpenCV with GStreamer, and pip's has none: "
            "use the system's python3-opencv in a venv made with --system-site-packages."
        )
    limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, _TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, _TIMEOUT_MS]
    pipeline = csi_pipeline(int(spec.value), width, height, fps)
    capture = _try(lambda: cv2.VideoCapture(pipeline, cv2.CAP_GSTREAMER, limits))
    if capture is None:
        raise DeviceError(f"Camera 'csi:{spec.value}' cannot be opened: check its ribbon cable and nvargus-daemon.")
    return capture


def csi_pipeline(sensor: int, width: int, height: int, fps: int) -> str:
    """The GStreamer pipeline of a Jetson's CSI sensor, newest picture only."""
    return (
        f"nvarguscamerasrc sensor-id={sensor} ! "
        f"video/x-raw(memory:NVMM),width={width},height={height},framerate={fps}/1,format=NV12 ! "
        "nvvidconv ! video/x-raw,format=BGRx ! videoconvert ! video/x-raw,format=BGR ! "
        "appsink drop=true max-buffers=1 sync=false"
    )


def _open_v4l2(spec: Spec, width: int, height: int, fps: int) -> Any:
    path = find_camera(spec)
    if not os.access(path, os.R_OK | os.W_OK):
        raise DeviceError(f"Camera {path!r} may not be opened by this user: add the user to the group video.")
    capture = _try(lambda: cv2.VideoCapture(str(Path(path).resolve()), cv2.CAP_V4L2))
    if capture is None:
        raise DeviceError(f"Camera {path!r} cannot be opened: another program may be using it.")
    capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
    capture.set(cv2.CAP_PROP_FPS, fps)
    # Two: one being filled while the other is read. With a single one many drivers halve the frame rate.
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 2)
    return capture


def _try(opening: Callable[[], Any]) -> Any:
    try:
        capture = opening()
    except cv2.error:
        return None
    if capture.isOpened():
        return capture
    capture.release()
    return None


def _inside(image: Any) -> Image:
    """BGR, three channels, no larger than the rest of the program wants."""
    if image.ndim == 2:
        image = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
    size = fit_size(image.shape[1], image.shape[0])
    if size != (image.shape[1], image.shape[0]):
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(image)
