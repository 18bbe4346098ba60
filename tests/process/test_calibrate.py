"""`edge-emotion calibrate` as a user runs it: on files, and on a live camera and microphone."""

from __future__ import annotations

import json
import signal

import pytest

from edge.config import load_settings, set_enabled
from tests.broker import until
from tests.clips import write_wav
from tests.edge.calibrate.drawn import RATE_HZ, Clap, Scene, sound, write_clip
from tests.microphone import VirtualMicrophone, needs_virtual_microphone
from tests.mjpeg import MjpegServer
from tests.process.command import Running, run

pytestmark = pytest.mark.timeout(300)

CLAPS = tuple(Clap(contact_s) for contact_s in (0.8, 1.6, 2.55))
SCENE = Scene(CLAPS, seconds=3.3, lag_ms=120.0, snr_db=25.0)
CONFIG = "# my desk\n[sync]\naudio_offset_ms = 12.5  # by hand\n"


@pytest.fixture(scope="module")
def clapping(tmp_path_factory):
    return write_clip(tmp_path_factory.mktemp("claps") / "claps.mp4", SCENE)


def test_the_lag_goes_into_the_config_and_run_reads_it(clapping, tmp_path):
    config = tmp_path / "config.toml"
    config.write_text(CONFIG)
    done = run("calibrate", "--camera", clapping, "--mic", clapping, "--config", config)
    done.assert_no_traceback()
    assert done.code == 0, done.err
    assert "clap three times" in done.err
    assert "until now +12.5 ms" in done.out
    written = load_settings({}, config, {}).sync.audio_offset_ms
    assert written == pytest.approx(SCENE.lag_ms, abs=15)
    assert f"{written:+.1f} ±" in done.out
    assert config.read_text() == CONFIG.replace("12.5", str(written))


def test_picture_and_sound_may_be_two_files_and_nothing_is_written_by_a_dry_run(clapping, tmp_path):
    later = Scene(CLAPS, seconds=3.3, lag_ms=-60.0, snr_db=25.0)
    wav = write_wav(tmp_path / "claps.wav", sound(later), RATE_HZ)
    config = tmp_path / "config.toml"
    words = ["--camera", clapping, "--mic", wav, "--config", config, "--dry-run", "--json"]
    done = run("calibrate", *words)
    assert done.code == 0, done.err
    made = json.loads(done.out)
    assert made["offset_ms"] == pytest.approx(-60, abs=15)
    assert abs(made["offset_ms"] + 60) <= made["ci_ms"] < 25
    assert len(made["claps"]) == 3
    assert made["config"] is None
    assert not config.exists()


def test_an_unwritable_config_is_told_with_the_line_to_write(clapping, tmp_path):
    (tmp_path / "file").write_text("no folder")
    done = run("calibrate", "--camera", clapping, "--mic", clapping, "--config", tmp_path / "file" / "config.toml")
    assert done.code == 1, done.err
    assert "audio_offset_ms = 1" in done.sentence
    assert "[sync]" in done.sentence
    assert done.out == ""


def test_without_claps_it_says_what_was_missing(demo_clip_path, tmp_path):
    """A face that talks, for as long as one is willing to wait."""
    config = tmp_path / "config.toml"
    words = ["--camera", demo_clip_path, "--mic", demo_clip_path, "--loop", "--seconds", 5, "--config", config]
    done = run("calibrate", *words)
    done.assert_no_traceback()
    assert done.code == 1, done.err
    assert "clap" in done.sentence
    assert done.out == ""
    assert not config.exists()


def test_off_means_off(clapping):
    set_enabled(False)
    with MjpegServer(width=320, height=240) as camera:
        done = run("calibrate", "--camera", camera.url, "--mic", clapping)
        assert not camera._clients
    assert done.code == 1
    assert "edge-emotion enable" in done.sentence
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "code", "named"),
    [
        (["--camera", "99"], 69, "99"),
        (["--camera", "none"], 64, "--camera"),
    ],
)
def test_what_cannot_be_is_one_sentence(clapping, words, code, named):
    done = run("calibrate", "--mic", clapping, *words)
    done.assert_no_traceback()
    assert done.code == code, done.err
    assert named in done.sentence
    assert done.err.count("\n") == 1


def test_a_live_camera_and_a_live_microphone(tmp_path):
    """The camera sends its pictures from the moment it is asked; the claps are played to the microphone then.

    Four of them: a busy machine may lose a picture.
    """
    needs_virtual_microphone()
    scene = Scene(tuple(Clap(contact_s) for contact_s in (5.0, 5.9, 7.05, 7.85)), seconds=9.6)
    clip = write_clip(tmp_path / "claps.mp4", scene)
    wav = write_wav(tmp_path / "claps.wav", sound(scene), RATE_HZ)
    config = tmp_path / "config.toml"
    with VirtualMicrophone() as microphone, MjpegServer(clip, burn=False) as camera:
        words = ["--camera", camera.url, "--mic", "default", "--config", config]
        with Running("calibrate", *words, environ=microphone.environment) as running:
            until(lambda: camera._clients, "the camera is asked for pictures", 40)
            player = microphone.play(wav, wait=False)
            done = running.finish()
            player.terminate()
            player.wait()
    done.assert_no_traceback()
    assert done.code == 0, done.err
    assert camera.url in done.out
    written = load_settings({}, config, {}).sync.audio_offset_ms
    assert f"{written:+.1f} ±" in done.out


def test_ctrl_c_writes_nothing_and_releases_the_camera(clapping, tmp_path):
    config = tmp_path / "config.toml"
    with MjpegServer(width=320, height=240) as camera:
        words = ["--camera", camera.url, "--mic", clapping, "--loop", "--config", config]
        with Running("calibrate", *words) as running:
            running.wait_for("clap three times")
            done = running.end(signal.SIGINT)
        until(lambda: not camera._clients, "the camera is released")
    done.assert_no_traceback()
    assert done.code == 130
    assert done.out == ""
    assert not config.exists()
