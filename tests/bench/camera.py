"""The camera of a bench, seen from outside: a process that can be killed, frozen, and told what to show."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from tests.bench.reel import FPS
from tests.broker import HOST, free_port


class Camera:
    """Keeps its port, however often it is pulled out. `with` ends it."""

    def __init__(self, reel: Path) -> None:
        self.port = free_port()
        self._reel = reel
        self._child: subprocess.Popen[str] | None = None

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def url(self) -> str:
        return url_on(self.port)

    def __enter__(self) -> Camera:  # noqa: PYI034 - Self is Python 3.11
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Plugged in: it listens when this returns."""
        words = ["tests.bench.camera_process", self._reel, self.port]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self._child = subprocess.Popen([sys.executable, "-m", *map(str, words)], **pipes)
        assert self._child.stdout.readline().strip() == str(self.port), "the camera did not start"

    def stop(self) -> None:
        """Pulled out."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.communicate()

    def stall(self) -> None:
        """It stands still: the system goes on accepting for it."""
        self._child.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """And goes on."""
        self._child.send_signal(signal.SIGCONT)

    def play(self) -> None:
        """Pictures that move, as fast as they should, whatever was told before."""
        self._tell(FPS)
        self._tell("play")

    def freeze(self) -> None:
        """The same picture for ever."""
        self._tell("freeze")

    def blacken(self) -> None:
        """Nothing but black, as under a lid."""
        self._tell("black")

    def slow_down(self, rate_hz: float) -> None:
        """So many pictures a second."""
        self._tell(rate_hz)

    def _tell(self, command: object) -> None:
        self._child.stdin.write(f"{command}\n")
        self._child.stdin.flush()


def url_on(port: int) -> str:
    return f"http://{HOST}:{port}/video.mjpg"
