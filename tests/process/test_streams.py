"""The real command with standard streams that are closed, full, blocked or slow, and signals at any moment."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.broker import Mosquitto, listening, until
from tests.process.command import Running

pytestmark = pytest.mark.timeout(300)
COMMAND = [sys.executable, "-m", "edge.cli"]


@pytest.fixture
def clip(clips):
    return str(clips.normal())


@pytest.fixture
def live(clip):
    """A run without an end."""
    return ["--camera", clip, "--mic", "none", "--loop", "--broker", "none"]


def shell(words, redirection="", environ=None):
    """The command in a shell, with its redirections."""
    line = f"{shlex.join([*COMMAND, *words])} {redirection}"
    return subprocess.run(
        ["bash", "-c", line],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **(environ or {})},
    )


@contextlib.contextmanager
def started(words, **streams):
    child = subprocess.Popen([*COMMAND, *words], stdin=subprocess.DEVNULL, **streams)
    try:
        yield child
    finally:
        if child.poll() is None:
            child.kill()
        child.wait()


def full_pipe():
    """Both ends of a pipe that takes no byte more."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    for size in (65536, 1):
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(writer, b"x" * size)
    os.set_blocking(writer, True)
    return reader, writer


def test_a_standard_error_that_nobody_reads_stops_neither_results_nor_the_end(live):
    reader, writer = full_pipe()
    with started([*live, "--json", "--duration", "4"], stdout=subprocess.PIPE, stderr=writer) as child:
        out, _ = child.communicate(timeout=30)
    assert child.returncode == 0
    assert out.count(b"\n") > 5
    os.close(reader)
    os.close(writer)


def test_a_signal_and_an_error_end_it_with_a_standard_error_that_nobody_reads(live):
    reader, writer = full_pipe()
    with started([*live, "--json"], stdout=subprocess.PIPE, stderr=writer) as child:
        assert child.stdout.readline()
        child.send_signal(signal.SIGTERM)
        assert child.wait(20) == 0
    with started(["run", "--camera", "nowhere.mp4"], stderr=writer) as child:
        assert child.wait(20) == 64
    os.close(reader)
    os.close(writer)


@pytest.mark.parametrize(
    ("kind", "redirection"),
    [("json", ">&-"), ("plain", ">&-"), ("version", ">&-"), ("plain", "2>&-"), ("json", "<&- >&- 2>&-")],
)
def test_closed_streams_lead_nowhere(live, kind, redirection):
    words = {"json": [*live, "--json", "--duration", "1"], "plain": [*live, "--duration", "1"], "version": ["version"]}
    done = shell(words[kind], redirection)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "online" not in done.stdout


def test_an_error_does_not_go_to_standard_output(live):
    done = shell(["nonsense"], "2>&-")
    assert (done.returncode, done.stdout, done.stderr) == (64, "", "")


@pytest.mark.parametrize("words", [["run", "--help"], ["config", "schema"], ["version"], ["nönsense"]])
@pytest.mark.parametrize(
    "environ", [{"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"PYTHONIOENCODING": "ascii"}]
)
def test_a_locale_without_unicode_is_no_error(words, environ):
    done = shell(words, environ=environ)
    assert done.returncode == (64 if words == ["nönsense"] else 0), done.stderr
    assert "UnicodeEncodeError" not in done.stderr


@pytest.mark.parametrize("words", [["version"], ["config", "show"], ["config", "schema"]])
def test_a_full_disk_is_one_sentence(words):
    done = shell(words, "> /dev/full")
    assert done.returncode == 1
    assert done.stderr == (
        "edge-emotion: standard output cannot be written (No space left on device); send it somewhere else.\n"
    )


@pytest.mark.parametrize("more", [["--json"], []])
def test_results_that_find_no_room_end_the_run_with_1(live, more):
    done = shell([*live, *more], "> /dev/full")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("edge-emotion: standard output cannot be written (No space left")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("more", [["--json"], []])
def test_a_reader_that_left_ends_a_run_for_nobody(live, more):
    done = shell([*live, *more], "| head -1; exit ${PIPESTATUS[0]}")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 1
    assert "the run ends" in done.stderr
    assert "goes on" not in done.stderr


def test_a_reader_that_left_does_not_end_a_run_with_a_broker(clip, tmp_path):
    with Mosquitto(tmp_path) as broker, listening(broker.port) as listener:
        words = ["--camera", clip, "--mic", "none", "--loop", "--broker", broker.url, "--json"]
        with Running(*words) as running:
            running.wait_for_results(1)
            running.child.stdout.close()
            running.wait_for("it goes on")
            count = len(listener.on("emotion"))
            until(lambda: len(listener.on("emotion")) > count + 5, "more results")
            assert running.end().code == 0


def test_a_slow_reader_of_a_pipe_that_does_not_block_is_waited_for(live):
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    with started([*live, "--json", "--duration", "8"], stdout=writer, stderr=subprocess.PIPE) as child:
        os.close(writer)
        time.sleep(5)  # several messages more than the pipe takes
        with os.fdopen(reader, "rb") as stream:
            lines = stream.read().splitlines()
        _, err = child.communicate(timeout=30)
    assert child.returncode == 0
    assert b"output" not in err
    assert len(lines) > 15
    assert all(line.endswith(b"}") for line in lines)


@pytest.mark.parametrize("after_ms", [0, 50, 300, 1000])
def test_a_signal_while_it_starts_ends_it_without_a_word(live, after_ms):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        with started(live, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as child:
            wait_until_it_listens(child.pid)
            time.sleep(after_ms / 1000)
            child.send_signal(number)
            _, err = child.communicate(timeout=20)
        assert child.returncode == 0, err
        assert b"Traceback" not in err


def wait_until_it_listens(pid):
    """Until the command catches signals: before that it is Python that starts."""

    def caught():
        mask = int(re.search(r"SigCgt:\s*(\w+)", Path(f"/proc/{pid}/status").read_text(encoding="ascii"))[1], 16)
        # The last that is set: Python itself catches SIGINT from the start.
        return mask >> (signal.SIGHUP - 1) & 1

    until(caught, "the command's own handlers")


def test_ctrl_c_ends_another_command_with_130():
    with started(["bench", "--seconds", "20"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as child:
        time.sleep(1.5)
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=30)
    # CPython may end itself by the signal where that met the import of an extension module: 130 for a shell as well.
    assert child.returncode in (130, -signal.SIGINT)
    assert b"Traceback" not in err


def test_a_file_name_that_is_not_utf_8_is_told_over_mqtt(clip, tmp_path):
    name = tmp_path / os.fsdecode(b"\xff\xfe.mp4")
    name.symlink_to(clip)
    with Mosquitto(tmp_path) as broker, listening(broker.port) as listener:
        words = ["--camera", str(name), "--mic", "none", "--loop", "--broker", broker.url]
        with Running(*words) as running:
            assert listener.wait_for("status/video", "online")
            assert listener.wait_for("status/video/detail").json()
            done = running.end()
    assert done.code == 0
    done.assert_no_traceback()


def test_after_stopped_every_status_is_offline_and_what_is_not_wanted_is_disabled(clip, tmp_path):
    with Mosquitto(tmp_path) as broker, listening(broker.port) as listener:
        words = ["--camera", clip, "--mic", "none", "--loop", "--broker", broker.url, "--json"]
        with Running(*words, "--device-id", "desk") as running:
            running.wait_for_results(5)
            assert listener.wait_for("status/audio").payload == "disabled"
            assert listener.wait_for("status/audio/detail").json()["reason"] == "none"
            running.end()
        until(lambda: listener.on("available")[-1].payload == "stopped", "stopped")
        for name in ("video", "audio", "engine"):
            assert listener.on(f"status/{name}")[-1].payload == "offline"
            assert listener.on(f"status/{name}/detail")[-1].json()["reason"] == "stopped"
        times = [one.json()["t_ns"] for one in listener.heard if one.topic.endswith(("/emotion", "/desk/state"))]
        assert times == sorted(times)


def test_an_embedded_broker_that_dies_is_started_again_on_its_port(clip):
    with Running("--camera", clip, "--mic", "none", "--loop", "--broker", "embedded", "--json") as running:
        running.wait_for("mosquitto_sub")
        port = int(re.search(r"-p (\d+)", "".join(running.err)).group(1))
        running.wait_for_results(1)
        [broker] = [one for one in psutil.Process(running.child.pid).children() if "mosquitto" in one.name()]
        broker.kill()
        running.wait_for("starting it again")
        until(lambda: not broker.is_running(), "no zombie stays")
        until(lambda: accepts(port), "a broker on the same port")
        with listening(port) as listener:
            listener.wait_for("emotion")
        assert running.end().code == 0


def accepts(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5):
        return True
    return False
