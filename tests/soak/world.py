"""Everything around the daemon: a camera, a microphone that somebody speaks into, a broker, networks between them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from edge.capture.media import load_sound
from tests.bench.busy import BusyLoops
from tests.bench.camera import Camera, url_on
from tests.bench.link import Link
from tests.bench.reel import make_reel
from tests.bench.voice import Voice
from tests.broker import Mosquitto
from tests.clips import write_wav
from tests.microphone import VirtualMicrophone
from tests.soak.watched import Watched

DEVICE = "soak"


class World:
    """What faults are made in; `running` starts it. The daemon's state lies in `folder`."""

    def __init__(self, folder: Path, clip: Path) -> None:
        (folder / "broker").mkdir()
        self._folder = folder
        self.camera = Camera(make_reel(clip, folder / "reel"))
        self.microphone = VirtualMicrophone()
        self.voice = Voice(self.microphone, write_wav(folder / "speech.wav", load_sound(clip)[1], 16_000))
        self.broker = Mosquitto(folder / "broker")
        self.to_camera, self.to_broker = Link(self.camera.port), Link(self.broker.port)
        self.busy = BusyLoops()

    @contextlib.contextmanager
    def running(self) -> Iterator[Watched]:
        """All of it; gives the daemon."""
        with contextlib.ExitStack() as stack:
            for part in (self.camera, self.microphone, self.voice, self.broker, self.to_camera, self.to_broker):
                stack.enter_context(part)
            stack.callback(self.busy.end)
            self.camera.start()
            yield stack.enter_context(self._daemon())

    def _daemon(self) -> Watched:
        words = ["--camera", url_on(self.to_camera.port), "--mic", "default", "--json"]
        words += ["--broker", self.to_broker.url, "--device-id", DEVICE]
        return Watched(*words, environ={**self.microphone.environment, **self.state})

    @property
    def state(self) -> dict[str, str]:
        """Where the privacy switch lies, and that there is no config of this machine's."""
        return {"STATE_DIRECTORY": str(self._folder / "state"), "XDG_CONFIG_HOME": str(self._folder)}
