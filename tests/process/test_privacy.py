"""OFF is kept through everything, and while it is OFF no device is so much as knocked at."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
import time

import pytest

from edge.config import enabled_file, is_enabled, set_enabled
from tests.bench.scene import DEVICE
from tests.broker import listening, until
from tests.process.command import Running
from tests.process.watchers import NoCamera, NoMicrophone

pytestmark = pytest.mark.timeout(300)

SET = f"edge-emotion/{DEVICE}/enabled/set"
WRITER = """
import sys
from edge.config import set_enabled
print("ready", flush=True)
while True:
    for on in (False, True):
        set_enabled(on)
"""


def test_off_survives_kill_restart_and_a_retained_on_and_nothing_is_touched(scene, broker):
    folder = scene.new_folder("sound")
    with NoCamera() as camera, NoMicrophone(folder) as microphone, listening(broker.port) as listener:
        environ = {**microphone.environment, "STATE_DIRECTORY": str(scene.new_folder("state"))}
        words = ["--camera", camera.url, "--mic", "default"]
        set_enabled(False, environ)
        listener.publish(SET, "ON", retain=True)
        for _ in range(2):
            after = len(listener.heard)
            with scene.daemon(broker.url, *words, "--require-devices", environ=environ) as daemon:
                listener.wait_for("enabled/state", "OFF", after=after)
                listener.wait_for("status/video", "disabled", after=after)
                listener.wait_for("status/audio", "disabled", after=after)
                time.sleep(1.0)
                assert daemon.child.poll() is None, "a device that is not looked for cannot be missing"
                daemon.child.kill()
                daemon.child.wait()
            assert daemon.out == []
            assert camera.visitors == microphone.visitors == 0
            assert not is_enabled(environ)
        # ON, by somebody who says it now, and both are looked for: so they would have been seen.
        with scene.daemon(broker.url, *words, environ=environ) as daemon:
            listener.wait_for("enabled/state", "OFF", after=after)
            daemon.wait_for("is disabled")
            listener.publish(SET, "ON")
            until(lambda: camera.visitors and microphone.visitors, "both are looked for once it is ON")
    assert is_enabled(environ)


def test_a_writer_killed_at_any_moment_leaves_on_or_off(tmp_path):
    chance, environ = random.Random(6), {"STATE_DIRECTORY": str(tmp_path)}
    set_enabled(True, environ)
    seen = set()
    for _ in range(20):
        child = subprocess.Popen([sys.executable, "-c", WRITER], env={**os.environ, **environ}, stdout=subprocess.PIPE)
        child.stdout.readline()
        time.sleep(chance.uniform(0.0, 0.2))
        child.kill()
        child.communicate()
        seen.add(enabled_file(environ).read_bytes())
        assert {path.name for path in tmp_path.iterdir() if not path.name.startswith(".")} == {"enabled"}
    assert seen == {b"ON\n", b"OFF\n"}


def traced(scene, environ, *words):
    """Every file that the daemon names and everything that it connects to, in order, from strace."""
    if shutil.which("strace") is None:
        pytest.skip("what a process opens is told by strace (apt: strace)")
    trace = scene.new_folder("trace") / "calls"
    before = ["strace", "-f", "-qq", "-e", "trace=%file,connect", "-s", "256", "-o", str(trace)]
    if subprocess.run([*before, "true"], capture_output=True).returncode != 0:
        pytest.skip("strace is not allowed here")
    words = [*words, "--broker", "none", "--json", "--duration", 2]
    with Running(*words, environ=environ, before=before) as running:
        running.finish()
    calls = trace.read_text(errors="replace").splitlines()
    return [call for call in calls if "execve(" not in call]  # its own command line


def first(calls, pattern):
    return next((number for number, call in enumerate(calls) if re.search(pattern, call)), None)


@pytest.mark.parametrize("on", [True, False])
def test_no_device_is_touched_before_the_switch_is_read(scene, on):
    folder, state = scene.new_folder("sound"), scene.new_folder("state")
    with NoCamera() as camera, NoMicrophone(folder) as microphone:
        environ = {**microphone.environment, "STATE_DIRECTORY": str(state)}
        set_enabled(on, environ)
        runs = {
            "an address": (camera.url, rf"connect\(.*htons\({camera.port}\)"),
            "a V4L2 device": ("/dev/video97", r'"/dev/video'),
        }
        sound = {"PulseAudio": rf'connect\(.*"{folder}/native"', "ALSA": r'"(/dev/snd|/proc/asound|.*/asound\.conf)'}
        for name, (words, pattern) in runs.items():
            calls = traced(scene, environ, "--camera", words, "--mic", "default")
            switch = first(calls, rf'open.*"{state}/enabled"')
            assert switch is not None
            touched = {what: first(calls, how) for what, how in {name: pattern, **sound}.items()}
            if on:
                assert all(number is not None and number > switch for number in touched.values()), touched
            else:
                assert set(touched.values()) == {None}, touched
