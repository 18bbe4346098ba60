"""A daemon with a camera, a microphone that somebody speaks into, and a broker: all of them real."""

from __future__ import annotations

import contextlib
import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from edge.capture.media import load_sound
from tests.bench.camera import Camera, url_on
from tests.bench.link import Link
from tests.bench.reel import make_reel
from tests.bench.row import Row
from tests.bench.scene import DEVICE, Scene
from tests.bench.voice import Voice
from tests.broker import Listener, listening, until
from tests.clips import write_wav
from tests.fault_bench.gauge import Gauge
from tests.fault_bench.marks import Result
from tests.microphone import VirtualMicrophone, needs_virtual_microphone
from tests.process.command import Running
from tests.rtsp import RtspServer
from tests.thermal import ThermalTree

BUFFER_BYTES = 32_768
COOL_C = 45.0
SLOWED_C = 95.0
"""From here on the made-up board is slowed down by its kernel."""
SETTLED_S = 12.0
"""So long after both are online, memory grows no more by itself."""


@dataclass
class Site:
    """All that a fault may want to lay its hands on; `link` lies between daemon and camera where it was asked for."""

    scene: Scene
    camera: Camera | RtspServer
    link: Link | None
    microphone: VirtualMicrophone
    voice: Voice
    daemon: Running
    listener: Listener
    gauge: Gauge
    board: ThermalTree
    absent: bool

    def results(self, first: int = 0) -> list[Result]:
        """What standard output had, from line `first` on."""
        return [json.loads(line) for line in self.daemon.out[first:]]

    def state_of(self, stream: str) -> str | None:
        """The last that was told about `video` or `audio`."""
        told = self.listener.on(f"status/{stream}")
        return told[-1].payload if told else None

    def settle(self) -> None:
        """Until both are online, a face is seen where there is one, and memory has come to rest.

        Devices that are absent are not waited for.
        """
        if self.absent:
            self.daemon.wait_for_results(5)
            return
        until(lambda: self.state_of("video") == self.state_of("audio") == "online", "both are online")
        if isinstance(self.camera, Camera):
            until(lambda: any(one["faces"] for one in self.results()[-5:]), "a face is seen")
        time.sleep(2.0 if self.scene.quick else SETTLED_S)

    def last(self, seconds: float) -> None:
        """Let so much time pass, and say how much has."""
        for second in range(math.ceil(seconds)):
            self.scene.tell(f"{second} of {seconds:.0f} s")
            time.sleep(min(1.0, seconds - second))

    def ended_well(self, row: Row) -> Row:
        """Ends the daemon; the row is not met when it does not end as it should."""
        done = self.daemon.end()
        if done.code == 0 and "Traceback" not in done.err:
            return row
        return replace(row, measured=f"{row.measured}; exit {done.code}: {done.sentence}", met=False)

    def wait_for(self, state: str, *streams: str, timeout_s: float) -> bool:
        """Whether all of `streams` are in this state in time."""
        deadline = time.monotonic() + timeout_s
        while not all(self.state_of(stream) == state for stream in streams):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True


@contextlib.contextmanager
def site(
    scene: Scene, *, camera: str = "mjpeg", linked: bool = False, absent: bool = False, adapt: bool = True
) -> Iterator[Site]:
    """Everything started but not settled; with `absent` the devices are not there yet.

    Without `adapt` it does not do less on a busy machine. `camera` is `mjpeg` (the demo clip) or `rtsp` (a pattern
    without a face).
    """
    needs_virtual_microphone()
    with contextlib.ExitStack() as stack:
        eye = _camera(scene, camera)
        microphone = VirtualMicrophone()
        stack.push(eye)
        stack.push(microphone)
        if not absent:
            eye.start()
        microphone.start()
        if absent:
            microphone.stop()
        link = stack.enter_context(Link(eye.port, buffer_bytes=BUFFER_BYTES)) if linked else None
        voice = stack.enter_context(Voice(microphone, _speech(scene)))
        broker = stack.enter_context(scene.broker())
        board = ThermalTree(scene.new_folder("thermal"))
        board.zone(0, "cpu-thermal", COOL_C, passive=SLOWED_C)
        words = ["--camera", url_on(link.port) if link else eye.url, "--mic", "default"]
        listener = stack.enter_context(listening(broker.port, topic=f"edge-emotion/{DEVICE}/#"))
        environ = {**microphone.environment, "EDGE_EMOTION_LOAD__THERMAL_PATH": str(board.path)}
        environ["EDGE_EMOTION_LOAD__ADAPT"] = str(adapt).lower()
        daemon = stack.enter_context(scene.daemon(broker.url, *words, environ=environ))
        gauge = stack.enter_context(Gauge(daemon.child.pid))
        yield Site(scene, eye, link, microphone, voice, daemon, listener, gauge, board, absent)


def _camera(scene: Scene, kind: str) -> Camera | RtspServer:
    return RtspServer() if kind == "rtsp" else Camera(make_reel(scene.clip, scene.folder / "reel"))


def _speech(scene: Scene) -> Path:
    path = scene.folder / "speech.wav"
    return path if path.exists() else write_wav(path, load_sound(scene.clip)[1], 16_000)
