"""OFF lets go of camera and microphone, ON takes them back."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import psutil

from edge.capture.media import load_sound
from tests.bench.row import Row, spread
from tests.bench.scene import DEVICE, Scene
from tests.broker import Listener, listening, until
from tests.clips import write_wav
from tests.microphone import VirtualMicrophone
from tests.mjpeg import MjpegServer
from tests.process.command import Running

OFF_S = 1.0
TOPIC = f"edge-emotion/{DEVICE}/enabled/set"


class Devices:
    """What the process holds of both devices, and what the devices themselves know of that."""

    def __init__(self, pid: int, camera: MjpegServer, microphone: VirtualMicrophone) -> None:
        self._process = psutil.Process(pid)
        self._camera = camera
        self._microphone = microphone

    @property
    def camera_held(self) -> bool:
        """Whether the process has a connection to the camera."""
        return any(one.raddr and one.raddr.port == self._camera.port for one in self._process.net_connections("tcp"))

    @property
    def microphone_held(self) -> bool:
        """Whether the sound server records for a client: its own remapping, which has none, does not count."""
        lines = self._microphone._pactl("list", "short", "source-outputs").stdout.decode().splitlines()
        return any(line.split("\t")[2] != "-" for line in lines)

    @property
    def descriptors(self) -> int:
        return self._process.num_fds()

    def seconds_until(self, held: bool, began: float) -> tuple[float, float]:
        """When camera and microphone were held, or let go, since `began`."""
        until(lambda: self.camera_held == held, f"camera held: {held}")
        camera_s = time.monotonic() - began
        until(lambda: self.microphone_held == held, f"microphone held: {held}")
        return camera_s, time.monotonic() - began


@contextlib.contextmanager
def live(scene: Scene, broker_url: str) -> Iterator[tuple[Running, Devices]]:
    """The daemon on a camera and a microphone that somebody speaks into."""
    speech = write_wav(scene.new_folder("speech") / "speech.wav", load_sound(scene.clip)[1], 16_000)
    with MjpegServer(scene.clip, burn=False) as camera, VirtualMicrophone() as microphone:
        player = microphone.play(speech, wait=False)
        words = ["--camera", camera.url, "--mic", "default"]
        with scene.daemon(broker_url, *words, environ=microphone.environment) as daemon:
            yield daemon, Devices(daemon.child.pid, camera, microphone)
        player.terminate()
        player.wait()


def switch(scene: Scene) -> Row:
    """OFF and ON by MQTT, on an MJPEG camera and a virtual microphone."""
    wanted = scene.amount(20, 3)
    off, on, left = [], [], []
    with scene.broker() as broker, listening(broker.port) as listener, live(scene, broker.url) as (daemon, devices):
        listener.wait_for("status/audio", "online")
        listener.wait_for("status/video", "online")
        for number in range(wanted):
            scene.tell(f"{number} of {wanted} switches")
            time.sleep(scene.chance.uniform(0.5, 1.5))
            off.append(turned(listener, devices, "OFF"))
            left.append(devices.descriptors)
            time.sleep(scene.chance.uniform(0.2, 1.0))
            on.append(turned(listener, devices, "ON"))
        code = daemon.end().code
    gone, back, leak = spread(off), spread(on), max(left) - left[0]
    return Row(
        f"OFF and ON by MQTT {wanted} times, MJPEG camera and virtual microphone",
        f"both let go p50 {gone['p50']:.2f} s, p95 {gone['p95']:.2f} s, max {gone['max']:.2f} s after OFF; "
        f"both online p50 {back['p50']:.2f} s, p95 {back['p95']:.2f} s after ON; "
        f"{left[0]} descriptors while off, {leak:+d} at the end",
        f"let go ≤ {OFF_S:.0f} s, taken back, no descriptor left open",
        code == 0 and gone["max"] <= OFF_S and leak <= 0,
        {"switches": wanted, "off_s": gone, "on_s": back, "descriptors_off": left},
    )


def turned(listener: Listener, devices: Devices, wish: str) -> float:
    """Seconds until both devices are let go, or both are online again."""
    after, began = len(listener.heard), time.monotonic()
    listener.publish(TOPIC, wish)
    seconds = max(devices.seconds_until(wish == "ON", began))
    if wish == "OFF":
        return seconds
    return max(listener.wait_for(f"status/{name}", "online", after=after).at for name in ("video", "audio")) - began
