"""The real daemon on live devices: an MJPEG camera, a virtual microphone, a mosquitto."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import time
from collections import Counter

import pytest

from tests.broker import listening, until
from tests.description import Description
from tests.microphone import VirtualMicrophone, needs_virtual_microphone
from tests.mjpeg import MjpegServer
from tests.process.command import Running, run

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def microphone(demo_clip_path, tmp_path_factory):
    needs_virtual_microphone()
    with VirtualMicrophone() as mic:
        yield mic


@pytest.fixture(scope="module")
def speech(demo_clip_path, tmp_path_factory):
    """The demo clip's own sound as a file that paplay takes."""
    import av
    import numpy as np

    from tests.clips import write_wav

    with av.open(str(demo_clip_path)) as container:
        resampler = av.AudioResampler("flt", "mono", 16_000)
        parts = [r.to_ndarray() for f in container.decode(audio=0) for r in resampler.resample(f)]
    return write_wav(tmp_path_factory.mktemp("speech") / "speech.wav", np.concatenate(parts, axis=1)[0], 16_000)


def seqs(listener):
    return [json.loads(heard.payload)["seq"] for heard in listener.on("emotion")]


def test_camera_and_microphone_become_valid_messages(microphone, speech, broker, demo_clip_path):
    words = ["--mic", "default", "--broker", broker.url, "--device-id", "desk", "--json"]
    with MjpegServer(demo_clip_path, burn=False) as camera, listening(broker.port) as listener:
        with Running("--camera", camera.url, *words, environ=microphone.environment) as running:
            running.wait_for("video is online")
            running.wait_for("audio is online")
            player = microphone.play(speech, wait=False)
            until(lambda: any(r.json()["voice"]["present"] for r in listener.on("emotion")), "a voice", 30)
            until(lambda: listener.on("stats") and len(listener.on("emotion")) > 20, "stats and results", 30)
            player.terminate()
            player.wait()
            done = running.end()
        until(lambda: listener.on("available")[-1].payload == "stopped", "stopped")
        heard = list(listener.heard)
    assert done.code == 0, done.err
    done.assert_no_traceback()

    numbers = seqs_of(heard)
    assert len(numbers) > 15
    missing = set(range(numbers[0], numbers[-1])) - set(numbers)
    assert len(missing) <= 0.05 * len(numbers), f"ticks without a message: {missing}"
    description = Description()
    for one in heard:
        description.check(one)
    last = [one.json() for one in heard if one.topic.endswith("/emotion")][-1]
    assert last["faces"][0]["emotion"]
    topics = Counter(one.topic.removeprefix("edge-emotion/desk/") for one in heard)
    expected = {"available", "emotion", "state", "event", "stats", "enabled/state"}
    expected |= {f"status/{name}{tail}" for name in ("video", "audio", "engine") for tail in ("", "/detail")}
    assert set(topics) == expected
    states = [one.payload for one in heard if one.topic.endswith("/available")]
    assert states[0] == "online"
    # What MQTT carried is what standard output had, but for the time that it took to leave for the broker.
    printed = {result["seq"]: result for result in done.results}
    for sent in [one.json() for one in heard if one.topic.endswith("/emotion")]:
        line, late = printed[sent["seq"]], sent["window"].pop("latency_ms")
        early = line["window"].pop("latency_ms")
        assert sent == line
        assert all(early[name] <= late[name] for name in ("newest", "oldest"))


def seqs_of(heard):
    return [one.json()["seq"] for one in heard if one.topic.endswith("/emotion")]


def test_a_pulled_camera_leaves_the_microphone_and_comes_back(microphone, broker, demo_clip_path):
    with MjpegServer(demo_clip_path, burn=False) as camera, listening(broker.port) as listener:
        words = ["--camera", camera.url, "--mic", "default", "--broker", broker.url, "--json"]
        with Running(*words, environ=microphone.environment) as running:
            listener.wait_for("status/video", "online")
            listener.wait_for("status/audio", "online")
            after = len(listener.heard)
            camera.stop()
            listener.wait_for("status/video", "offline", after=after)
            assert len(running.wait_for_results(8)) >= 8
            assert running.wait_for_results(1)[0]["faces"] == []
            camera.start()
            listener.wait_for("status/video", "online", after=after)
            until(lambda: running.wait_for_results(1)[-1]["faces"] != [], "the face again")
            # Nobody plays anything: perfect silence is told, but the microphone stays.
            assert {one.payload for one in listener.on("status/audio")[1:]} <= {"online", "degraded"}
            done = running.end()
    done.assert_no_traceback()
    assert done.code == 0


def test_a_pulled_microphone_leaves_the_camera_and_comes_back(broker, demo_clip_path):
    needs_virtual_microphone()
    with MjpegServer(demo_clip_path, burn=False) as camera, listening(broker.port) as listener:
        words = ["--camera", camera.url, "--mic", "default", "--broker", broker.url, "--json"]
        with VirtualMicrophone() as mic, Running(*words, environ=mic.environment) as running:
            listener.wait_for("status/audio", "online")
            after = len(listener.heard)
            mic.stop()
            until(lambda: listener.on("status/audio")[-1].payload in {"offline", "degraded"}, "the loss", 30)
            until(lambda: running.wait_for_results(1)[-1]["faces"] != [], "faces without sound")
            mic.start()
            listener.wait_for("status/audio", "online", after=after)
            done = running.end()
    done.assert_no_traceback()
    assert done.code == 0


def test_a_camera_that_stalls_is_told_and_results_go_on(broker, demo_clip_path):
    with MjpegServer(demo_clip_path, burn=False) as camera, listening(broker.port) as listener:
        words = ["--camera", camera.url, "--mic", "none", "--broker", broker.url, "--json"]
        with Running(*words) as running:
            listener.wait_for("status/video", "online")
            camera.stall()
            listener.wait_for("status/video", "degraded")
            assert len(running.wait_for_results(5)) >= 5
            after = len(listener.heard)
            camera.resume()
            listener.wait_for("status/video", "online", after=after)
            assert running.end().code == 0


def test_the_privacy_switch_releases_the_devices_and_outlives_the_daemon(broker, demo_clip_path):
    with MjpegServer(demo_clip_path, burn=False) as camera, listening(broker.port) as listener:
        words = ["--camera", camera.url, "--mic", "none", "--broker", broker.url, "--device-id", "desk", "--json"]
        with Running(*words) as running:
            listener.wait_for("status/video", "online")
            listener.publish("edge-emotion/desk/enabled/set", "OFF")
            listener.wait_for("enabled/state", "OFF")
            listener.wait_for("status/video", "disabled")
            until(lambda: not camera._clients, "the camera is released")
            last = listener.on("state")[-1].json()
            assert last["emotion"] is None
            count = len(running.out)
            time.sleep(1.0)
            assert len(running.out) <= count + 1, "no results while it is off"
            running.child.send_signal(signal.SIGKILL)
            running.child.wait()
        with Running(*words) as running:
            listener.wait_for("enabled/state", "OFF", after=len(listener.heard) - 1)
            time.sleep(1.0)
            assert not camera._clients, "no device is opened before the switch is read"
            after = len(listener.heard)
            listener.publish("edge-emotion/desk/enabled/set", "ON")
            listener.wait_for("status/video", "online", after=after)
            assert running.wait_for_results(3)
            after = len(listener.heard)
            assert run("disable").code == 0
            listener.wait_for("enabled/state", "OFF", after=after)
            listener.wait_for("status/video", "disabled", after=after)
            assert run("enable").code == 0
            listener.wait_for("status/video", "online", after=after)
            assert running.end().code == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly(broker, demo_clip_path, number):
    with listening(broker.port) as listener:
        words = ["--camera", demo_clip_path, "--mic", demo_clip_path, "--loop", "--broker", broker.url, "--json"]
        with Running(*words) as running:
            running.wait_for_results(5)
            done = running.end(number)
        until(lambda: listener.on("available")[-1].payload == "stopped", "stopped")
        assert listener.on("state")[-1].json()["emotion"] is None
    assert done.code == 0
    done.assert_no_traceback()


def test_a_kill_leaves_the_will(broker, demo_clip_path):
    with listening(broker.port) as listener:
        words = ["--camera", demo_clip_path, "--mic", "none", "--loop", "--broker", broker.url, "--json"]
        with Running(*words) as running:
            listener.wait_for("available", "online")
            running.child.kill()
            listener.wait_for("available", "offline")


@contextlib.contextmanager
def silent_camera():
    """It accepts and never answers."""
    listener = socket.create_server(("127.0.0.1", 0))
    try:
        yield f"rtsp://127.0.0.1:{listener.getsockname()[1]}/x"
    finally:
        listener.close()


def test_a_device_that_does_not_answer_does_not_hold_up_the_end():
    with silent_camera() as url, Running("--camera", url, "--mic", "none", "--broker", "none", "--json") as running:
        running.wait_for_results(10)
        done = running.end()
    done.assert_no_traceback()
    assert done.code == 0, done.err
    assert "ptrace" not in done.err


def test_off_holds_for_the_run_where_it_cannot_be_kept(broker, clips, monkeypatch):
    monkeypatch.setenv("STATE_DIRECTORY", "/proc/no-such-folder")
    with listening(broker.port) as listener:
        words = ["--camera", clips.normal(), "--mic", "none", "--loop", "--broker", broker.url, "--device-id", "desk"]
        with Running(*words, "--json") as running:
            listener.wait_for("status/video", "online")
            listener.publish("edge-emotion/desk/enabled/set", "OFF")
            listener.wait_for("status/video", "disabled")
            time.sleep(1.0)
            assert listener.on("enabled/state")[-1].payload == "OFF"
            assert listener.on("status/video")[-1].payload == "disabled"
            running.wait_for("for this run only")
            assert running.end().code == 0


def test_a_closed_terminal_ends_it_cleanly(broker, clips):
    with listening(broker.port) as listener:
        words = ["--camera", clips.normal(), "--mic", "none", "--loop", "--broker", broker.url, "--json"]
        with Running(*words) as running:
            running.wait_for_results(3)
            done = running.end(signal.SIGHUP)
        until(lambda: listener.on("available")[-1].payload == "stopped", "stopped")
    assert done.code == 0
