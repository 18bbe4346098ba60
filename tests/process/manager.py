"""A socket as systemd opens one for a service of Type=notify."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable
from pathlib import Path


class Manager:
    """Stands where systemd does: `heard` is every message so far, `environ` what a service is started with."""

    def __init__(self, folder: Path, watchdog_s: float = 6) -> None:
        path = folder / "notify"
        self.heard: list[str] = []
        self.environ = {
            "NOTIFY_SOCKET": str(path),
            "WATCHDOG_USEC": str(round(watchdog_s * 10**6)),
            "STATE_DIRECTORY": str(folder),
            "XDG_CONFIG_HOME": str(folder),
        }
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.settimeout(0.1)

    @property
    def status(self) -> str:
        """What `systemctl status` would show."""
        return next((told.removeprefix("STATUS=") for told in reversed(self.heard) if told.startswith("STATUS=")), "")

    def wait_for_status(self, end: str, limit_s: float = 60.0) -> None:
        """Until the newest status ends so."""
        self.listen_until(lambda _: self.status.endswith(end), limit_s)

    def listen_until(self, wanted: Callable[[list[str]], bool], limit_s: float = 60.0) -> None:
        """Until what was heard so far is as wanted."""
        deadline = time.monotonic() + limit_s
        while not wanted(self.heard):
            assert time.monotonic() < deadline, self.heard
            with contextlib.suppress(TimeoutError):
                self.heard.append(self._socket.recv(4096).decode())
