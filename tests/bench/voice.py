"""Somebody who speaks into a virtual microphone as long as there is one."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from pathlib import Path

from tests.microphone import VirtualMicrophone

RETRY_S = 0.2


class Voice:
    """`with Voice(microphone, speech):` the file is spoken round and round, but for pauses."""

    def __init__(self, microphone: VirtualMicrophone, speech: Path) -> None:
        self._microphone = microphone
        self._speech = speech
        self._player: subprocess.Popen[bytes] | None = None
        self._speaks = threading.Event()
        self._speaks.set()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Voice:  # noqa: PYI034 - Self is Python 3.11
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.hush()
        self._speaks.set()
        self._thread.join(5)

    def hush(self) -> None:
        """Perfect silence."""
        self._speaks.clear()
        with contextlib.suppress(AttributeError):
            self._player.kill()

    def speak(self) -> None:
        """From the beginning."""
        self._speaks.set()

    def _play(self) -> subprocess.Popen[bytes]:
        environ = {**os.environ, **self._microphone.environment}
        return subprocess.Popen(["paplay", str(self._speech)], env=environ, stderr=subprocess.DEVNULL)

    def _run(self) -> None:
        while not self._ended.is_set():
            self._speaks.wait()
            if self._ended.is_set():
                return
            self._player = self._play()
            if not self._speaks.is_set():
                self._player.kill()
            self._player.wait()
            self._ended.wait(RETRY_S)
