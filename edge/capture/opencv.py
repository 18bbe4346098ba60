"""OpenCV's captures, opened with all their time limits set before. The only importer of cv2.VideoCapture."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2

from edge.capture.cameras import is_video_device
from edge.capture.host import host_and_port
from edge.capture.spec import Spec
from edge.errors import BusyError, DeviceError

_CONNECT_S = 1.0
_TIMEOUT_MS = 2000
"""Longest wait for an address to answer, and for its next picture."""
_RTSP_TIMEOUT_MS = 5000
"""The same, where nothing can be decoded before a key frame, and those may be seconds apart.

A wait that is cut short cannot be taken up again: FFmpeg may have stopped inside a packet.
"""
_OWN_OPTIONS = os.environ.get("OPENCV_FFMPEG_CAPTURE_OPTIONS")
_HTTP_OPTIONS = "fflags;nobuffer"
_RTSP_OPTIONS = "rtsp_transport;tcp|fpsprobesize;0"
"""TCP: over UDP, FFmpeg's default, a lost packet is a smeared face. No second of pictures held back to guess the rate.

Not `nobuffer`: it throws away the packets it looked at, and with them the first key frame of H.264.
"""


def patience_ms(spec: Spec) -> int:
    """How long OpenCV waits for a stream to begin, and for its next picture."""
    return _RTSP_TIMEOUT_MS if _is_rtsp(spec) else _TIMEOUT_MS


def open_url(spec: Spec) -> Any:
    """An opened cv2.VideoCapture on an address. Raises DeviceError."""
    _limit_opencv()
    rtsp = _is_rtsp(spec)
    if rtsp:
        _reach(spec)
    os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = _OWN_OPTIONS or (_RTSP_OPTIONS if rtsp else _HTTP_OPTIONS)
    # FFmpeg holds back one picture for each thread that decodes H.264, and takes a thread for each core.
    settings = [*_limits(patience_ms(spec)), cv2.CAP_PROP_N_THREADS, 1]
    capture = _try(lambda: cv2.VideoCapture(spec.value, cv2.CAP_FFMPEG, settings))
    if capture is None:
        raise _no_video(spec)
    return capture


def has_backend(backend: int) -> bool:
    """Whether this OpenCV can open videos by such a backend, like cv2.CAP_GSTREAMER."""
    registry = cv2.videoio_registry
    asked = getattr(registry, "hasBackend", None)  # older ones only list what they were built with
    return bool(asked(backend)) if asked else backend in registry.getBackends()


def _is_rtsp(spec: Spec) -> bool:
    return spec.kind == "url" and spec.value.lower().startswith("rtsp")


def _reach(spec: Spec) -> None:
    """Raises DeviceError when nobody takes a connection within a second.

    FFmpeg would wait for as long as for a key frame, and the kernel repeats an unanswered SYN after 1, 2, 4 … s:
    a camera whose cable is plugged in meanwhile would be reached late.
    """
    try:
        socket.create_connection(host_and_port(spec.value), _CONNECT_S).close()
    except (OSError, UnicodeError, OverflowError):
        raise _no_video(spec) from None


def _no_video(spec: Spec) -> DeviceError:
    return DeviceError(
        f"Camera {spec.label!r} does not answer with a video: check the address, its user and password, and the camera."
    )


def _limit_opencv() -> None:
    """Time limits and silence that OpenCV takes from the environment only; a user's own settings win."""
    os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "1")
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    logging = getattr(getattr(cv2, "utils", None), "logging", None)
    if logging is not None:
        logging.setLogLevel(logging.LOG_LEVEL_SILENT)


def _limits(timeout_ms: int) -> list[int]:
    return [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, timeout_ms, cv2.CAP_PROP_READ_TIMEOUT_MSEC, timeout_ms]


def open_csi(spec: Spec, width: int, height: int, fps: int) -> Any:
    """An opened cv2.VideoCapture on a CSI sensor, through GStreamer. Raises DeviceError."""
    _limit_opencv()
    if not has_backend(cv2.CAP_GSTREAMER):
        raise DeviceError(
            f"Camera 'csi:{spec.value}' needs an OpenCV with GStreamer, and pip's has none: "
            "use the system's python3-opencv in a venv made with --system-site-packages."
        )
    pipeline = csi_pipeline(int(spec.value), width, height, fps)
    capture = _try(lambda: cv2.VideoCapture(pipeline, cv2.CAP_GSTREAMER, _limits(patience_ms(spec))))
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


def open_v4l2(path: str, width: int, height: int, fps: int) -> Any:
    """An opened cv2.VideoCapture on a device file, or on a link to one. Raises DeviceError."""
    _limit_opencv()
    if not is_video_device(Path(path)):
        raise DeviceError(f"Camera {path!r} is not a camera (no V4L2 device): edge-emotion devices lists cameras.")
    _try_device(path)
    capture = _try(lambda: cv2.VideoCapture(str(Path(path).resolve()), cv2.CAP_V4L2))
    if capture is None:
        raise BusyError(f"Camera {path!r} cannot be opened: another program may be using it.")
    capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
    capture.set(cv2.CAP_PROP_FPS, fps)
    # Two: one being filled while the other is read. With a single one many drivers halve the frame rate.
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 2)
    return capture


def _try_device(path: str) -> None:
    """Raises DeviceError that says why the device cannot be opened: OpenCV tells only that it cannot."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK))
    except PermissionError:
        raise DeviceError(f"Camera {path!r} may not be opened by this user: add the user to the group video.") from None
    except OSError as error:
        if error.errno in (errno.ENODEV, errno.ENXIO, errno.ENOENT):
            raise DeviceError(f"Camera {path!r} has been unplugged: plug it in again.") from None
        raise DeviceError(f"Camera {path!r} cannot be opened ({error.strerror}): plug it in anew.") from None


def _try(opening: Callable[[], Any]) -> Any:
    try:
        capture = opening()
    except cv2.error:
        return None
    if capture.isOpened():
        return capture
    capture.release()
    return None
