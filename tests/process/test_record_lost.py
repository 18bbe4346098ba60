"""`edge-emotion record` when devices are lost, missing, switched off, or do not answer."""

from __future__ import annotations

import socket
import time

import pytest

from edge.config import set_enabled
from tests.broker import until
from tests.microphone import VirtualMicrophone, needs_virtual_microphone
from tests.mjpeg import MjpegServer
from tests.process.command import Running, run
from tests.process.recordings import nothing_was_made, opened

pytestmark = pytest.mark.timeout(300)


def test_a_camera_that_is_lost_ends_it_and_what_there_is_is_kept(clips, tmp_path):
    out = tmp_path / "lost.mkv"
    with MjpegServer(width=320, height=240) as camera:
        words = ["--camera", camera.url, "--mic", clips.noise(), "--loop"]
        with Running("record", out, *words) as running:
            running.wait_for("Ctrl-C ends it")
            time.sleep(1.5)
            camera.stop()
            done = running.finish()
    done.assert_no_traceback()
    assert done.code == 1, done.err
    made = opened(out)
    assert made.header["ended"] == "device lost"
    assert camera.url in made.header["reason"]
    assert made.header["reason"] in done.err
    assert made.header["rows"]["frame"] > 20


def test_a_microphone_that_is_lost_ends_it(tmp_path):
    needs_virtual_microphone()
    out = tmp_path / "deaf.mkv"
    with MjpegServer(width=320, height=240) as camera, VirtualMicrophone() as mic:
        words = ["--camera", camera.url, "--mic", "default", "--require-devices"]
        with Running("record", out, *words, environ=mic.environment) as running:
            running.wait_for("Ctrl-C ends it")
            time.sleep(1.5)
            mic.stop()
            done = running.finish()
    done.assert_no_traceback()
    assert done.code == 69, done.err
    made = opened(out)
    assert made.header["ended"] == "device lost"
    assert made.header["audio"]["seconds"] > 0.5


def test_a_missing_device_is_named_and_a_demanded_one_is_69(clips, tmp_path):
    words = ["--camera", clips.normal(), "--mic", clips.no_sound()]
    done = run("record", tmp_path / "x.mkv", *words, "--require-devices")
    assert done.code == 69, done.err
    assert "holds no sound" in done.sentence
    assert nothing_was_made(tmp_path)
    done = run("record", tmp_path / "x.mkv", *words)
    assert done.code == 0, done.err
    assert "holds no sound" in done.err
    header = opened(tmp_path / "x.mkv").header
    assert header["audio"] is None
    assert "holds no sound" in header["reason"]


def test_off_means_off(clips, tmp_path):
    set_enabled(False)
    with MjpegServer(width=320, height=240) as camera:
        done = run("record", tmp_path / "secret.mkv", "--camera", camera.url, "--mic", clips.noise())
        assert not camera._clients
    assert done.code == 1
    assert "edge-emotion enable" in done.sentence
    assert done.err.count("\n") == 1
    assert nothing_was_made(tmp_path)


def test_switching_off_ends_a_recording(tmp_path):
    out = tmp_path / "short.mkv"
    with (
        MjpegServer(width=320, height=240) as camera,
        Running("record", out, "--camera", camera.url, "--mic", "none") as running,
    ):
        running.wait_for("Ctrl-C ends it")
        time.sleep(0.5)
        set_enabled(False)
        until(lambda: not camera._clients, "the camera is released")
        done = running.finish()
    assert done.code == 0, done.err
    assert opened(out).header["ended"] == "switched off"


def test_a_device_that_does_not_answer_does_not_hold_up_the_end(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"rtsp://127.0.0.1:{silent.getsockname()[1]}/x"
        with Running("record", tmp_path / "x.mkv", "--camera", url, "--mic", "none") as running:
            until(lambda: list(tmp_path.iterdir()), "it has begun to open the devices", 40)
            done = running.end()
    done.assert_no_traceback()
    assert done.code == 1
    assert "Nothing was recorded" in done.sentence
    assert nothing_was_made(tmp_path)
