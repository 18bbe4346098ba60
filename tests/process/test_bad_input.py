"""Each kind of bad input: one sentence and the right exit code, or a degraded status; no traceback, no hang."""

from __future__ import annotations

import contextlib
import socket
import threading

import pytest

from tests.broker import free_port
from tests.process.command import Running, run

pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize(
    ("words", "code", "named"),
    [
        (["--camera", "no-such-file.mp4", "--mic", "none"], 64, "no-such-file.mp4"),
        (["--camera", "none", "--mic", "none"], 64, "none"),
        (["--camera", "none", "--mic", "no-such.wav"], 64, "no-such.wav"),
        (["--camera", "ftp://127.0.0.1/x", "--mic", "none"], 64, "ftp://"),
        (["--camera", "none", "--mic", "default", "--broker", "http://x"], 64, "http://x"),
        (["--camera", "0", "--broker", "mqtt://"], 64, "mqtt://"),
        (["--camera", "0", "--broker", "mqtt://me:secret@127.0.0.1"], 64, "password"),
        (["--camera", "0", "--duration", "-3"], 64, "-3"),
        (["--camera", "0", "--duration", "soon"], 64, "soon"),
        (["--camera", "0", "--device-id", "a/b"], 64, "a/b"),
        (["--engine", "abacus"], 64, "abacus"),
        (["--no-such-option"], 64, "no-such-option"),
        (["--camera", "0", "--config", "no-such.toml"], 78, "no-such.toml"),
        (["--camera", "99", "--mic", "none", "--require-devices"], 69, "99"),
        (["--camera", "/dev/null", "--mic", "none", "--require-devices"], 69, "/dev/null"),
        (["--camera", "csi:0", "--mic", "none", "--require-devices"], 69, "csi:0"),
        (["--camera", "none", "--mic", "no such microphone", "--require-devices"], 69, "no such microphone"),
        (["--camera", "none", "--mic", "77", "--require-devices"], 69, "77"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_wrong_command_is_one_sentence_and_a_code(words, code, named):
    done = run(*words)
    done.assert_no_traceback()
    assert done.code == code, done.err
    assert named in done.sentence
    assert done.out == ""
    assert "secret" not in done.err


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("camera = [", "line"),
        ('camrea = "0"', "camera"),
        ("duration = -1", "duration"),
        ('[video]\ndetector = "magic"', "detector"),
        ('[mqtt]\npassword = "x"', "password"),
    ],
)
def test_a_bad_config_is_one_sentence_and_78(tmp_path, text, named):
    path = tmp_path / "config.toml"
    path.write_text(text)
    done = run("--config", path)
    done.assert_no_traceback()
    assert done.code == 78
    assert named in done.sentence
    assert str(path) in done.sentence


@pytest.mark.parametrize("kind", ["not_a_video", "text", "empty", "playlist", "sound"])
def test_a_camera_file_without_a_picture_is_refused(clips, kind):
    path = getattr(clips, kind)()
    done = run("--camera", path, "--mic", "none", "--broker", "none", "--json")
    done.assert_no_traceback()
    assert done.code == 64, done.err
    assert str(path) in done.sentence


def test_a_clip_without_sound_goes_on_with_the_picture(clips):
    path = clips.no_sound()
    done = run("--camera", path, "--mic", path, "--broker", "none", "--json", "--duration", 15)
    done.assert_no_traceback()
    assert done.code == 0
    assert len(done.results) >= 3
    assert not any(result["voice"]["present"] for result in done.results)
    assert any("audio is offline" in line and str(path) in line for line in done.err.splitlines())


def test_a_microphone_file_without_sound_and_no_camera_is_refused(clips):
    done = run("--camera", "none", "--mic", clips.no_sound(), "--broker", "none", "--json")
    done.assert_no_traceback()
    assert done.code == 64
    assert "no sound" in done.sentence


@pytest.mark.parametrize("kind", ["one_pixel", "eight_k", "portrait", "damaged", "truncated"])
def test_an_odd_video_is_played_to_its_end(clips, kind, emotion_schema):
    done = run("--camera", getattr(clips, kind)(), "--mic", "none", "--broker", "none", "--json", "--duration", 30)
    done.assert_no_traceback()
    assert done.code == 0, done.err
    assert done.results
    for result in done.results:
        emotion_schema.validate(result)
        assert result["faces"] == []


SOUNDS = {
    "8 kHz": lambda clips: clips.sound(8_000),
    "96 kHz": lambda clips: clips.sound(96_000),
    "stereo": lambda clips: clips.sound(44_100, 2),
    "silent": lambda clips: clips.silence(),
    "clipping": lambda clips: clips.clipping(),
}


@pytest.mark.parametrize("kind", SOUNDS)
def test_an_odd_sound_is_played_to_its_end(clips, kind, emotion_schema):
    done = run("--camera", "none", "--mic", SOUNDS[kind](clips), "--broker", "none", "--json", "--duration", 30)
    done.assert_no_traceback()
    assert done.code == 0, done.err
    assert len(done.results) >= 2
    for result in done.results:
        emotion_schema.validate(result)
    # The last whole window: all of its sound is there, nothing was filled in. One more may reach behind the file's end.
    assert min(result["sync"]["interpolated"]["audio"] for result in done.results[-2:]) <= 0.1


def test_absent_devices_are_waited_for_and_ctrl_c_ends_it():
    with Running("--camera", "99", "--mic", "no such microphone", "--broker", "none", "--json") as running:
        running.wait_for("video is offline")
        running.wait_for("audio is offline")
        done = running.end()
    done.assert_no_traceback()
    assert done.code == 0


@contextlib.contextmanager
def busy_camera():
    """A network camera that has its one viewer already: 503, as such cameras answer."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with client:
                client.recv(4096)
                client.sendall(b"HTTP/1.0 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/video"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def test_a_busy_camera_is_waited_for_and_a_demanded_one_is_69(clips):
    with busy_camera() as url:
        done = run("--camera", url, "--mic", "none", "--require-devices")
        assert done.code == 69, done.err
        assert url in done.sentence
        sound = clips.sound()
        with Running("--camera", url, "--mic", sound, "--loop", "--broker", "none", "--json") as running:
            running.wait_for("video is offline")
            assert running.wait_for_results(5)
            done = running.end()
    done.assert_no_traceback()
    assert done.code == 0


def test_a_wrong_broker_address_is_one_line_and_results_go_on(clips):
    broker = f"mqtt://127.0.0.1:{free_port()}"
    done = run("--camera", clips.normal(), "--mic", "none", "--broker", broker, "--json", "--loop", "--duration", 6)
    done.assert_no_traceback()
    assert done.code == 0
    assert len(done.results) > 10
    assert sum(broker in line for line in done.err.splitlines()) == 1


def test_an_overlay_without_a_display_is_one_line_and_results_go_on(clips, monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    done = run("--camera", clips.normal(), "--mic", "none", "--broker", "none", "--json", "--overlay")
    done.assert_no_traceback()
    assert done.code == 0
    assert sum("display" in line.lower() for line in done.err.splitlines()) == 1
    assert done.results
