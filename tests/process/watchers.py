"""Devices that only count who comes: a camera's address and a sound server's socket."""

from __future__ import annotations

import contextlib
import socket
import threading
from pathlib import Path

from tests.broker import HOST


class Doorkeeper:
    """A socket that takes everybody in, hangs up, and counts. `with` listens."""

    def __init__(self, listener: socket.socket) -> None:
        self.visitors = 0
        self._listener = listener
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Doorkeeper:  # noqa: PYI034 - Self is Python 3.11
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _run(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                visitor, _ = self._listener.accept()
                self.visitors += 1
                visitor.close()


class NoCamera(Doorkeeper):
    """The address of a camera."""

    def __init__(self) -> None:
        listener = socket.create_server((HOST, 0))
        self.port: int = listener.getsockname()[1]
        self.url = f"http://{HOST}:{self.port}/video.mjpg"
        super().__init__(listener)


class NoMicrophone(Doorkeeper):
    """A sound server's socket, and an ALSA whose only device leads there."""

    def __init__(self, folder: Path) -> None:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(folder / "native"))
        listener.listen()
        (folder / "asound.conf").write_text(
            "</usr/share/alsa/alsa.conf>\npcm.!default { type pulse  hint { show on description default } }\n"
        )
        self.environment = {
            "PULSE_SERVER": f"unix:{folder}/native",
            "PULSE_RUNTIME_PATH": str(folder),
            "ALSA_CONFIG_PATH": str(folder / "asound.conf"),
        }
        super().__init__(listener)
