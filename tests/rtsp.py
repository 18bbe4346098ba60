"""A real RTSP camera on loopback: gst-rtsp-server in the system's Python, that can be stalled and stopped.

Its pictures are stamped like those of `tests.mjpeg`; `read_stamp` reads them back after H.264.
"""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.broker import free_port

_PYTHON = "/usr/bin/python3"
"""gi is made for the system's Python alone."""
_CAMERA = Path(__file__).with_name("rtsp_camera.py")
_PROBE = """
import gi, sys
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gst, GstRtspServer
Gst.init(None)
sys.exit(not all(map(Gst.ElementFactory.find, ("appsrc", "x264enc", "rtph264pay", "capssetter"))))
"""


def needs_rtsp_server() -> None:
    """Skips the test where gst-rtsp-server, gi or the plugins are missing."""
    found = Path(_PYTHON).exists() and not subprocess.run([_PYTHON, "-I", "-c", _PROBE], capture_output=True).returncode
    if not found:
        pytest.skip("gst-rtsp-server is not installed for the system's Python")


class RtspServer:
    """The camera. All clients share one stream, with a key frame every `gop` pictures; `with` starts and stops it.

    A `terse` one tells the size of its pictures in key frames only, not in the stream's description.
    """

    def __init__(
        self, *, fps: int = 30, gop: int = 30, terse: bool = False, user: str = "", password: str = ""
    ) -> None:
        self.port = free_port()
        self._words = ["--port", str(self.port), "--fps", str(fps), "--gop", str(gop), *(["--terse"] if terse else [])]
        if user:
            self._words += ["--user", user, "--password", password]
        self._child: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}/cam"

    @property
    def pid(self) -> int:
        assert self._child is not None
        return self._child.pid

    def __enter__(self) -> RtspServer:  # noqa: PYI034  (typing.Self needs Python 3.11)
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen; again on the same port after `stop`."""
        command = [_PYTHON, "-I", str(_CAMERA), *self._words]
        self._child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._child.stdout is not None
        assert self._child.stdout.readline().strip() == str(self.port), "the camera did not start"

    def stop(self) -> None:
        """The plug is pulled: nobody listens any more and every connection breaks."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.communicate()

    def stall(self) -> None:
        """Keep every connection, send nothing."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Send again."""
        os.kill(self.pid, signal.SIGCONT)
