"""The camera's check with a live camera on loopback, opened by a child process as in earnest."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from edge.config import Settings, set_enabled
from edge.doctor import Verdict
from edge.doctor.camera import CameraCheck
from edge.doctor.camera_look import Seen
from edge.doctor.closed import ClosedError
from edge.doctor.device_trial import try_camera
from edge.doctor.processes import running_daemon
from edge.errors import BusyError, DeviceError
from tests import boards
from tests.mjpeg import MjpegServer


@pytest.fixture
def server():
    with MjpegServer(fps=20) as server:
        yield server


def test_its_pictures_are_counted_and_people_are_told_before(server, machine):
    said = []
    here = machine(camera=server.url)
    here.tell = said.append
    finding = CameraCheck().run(here)
    assert finding.verdict is Verdict.OK, finding
    assert "640 × 480" in finding.found
    fps = float(finding.found.split(", ")[-1].split()[0])
    assert fps == pytest.approx(20, rel=0.2)
    assert len(said) == 1
    assert "camera" in said[0]


def test_a_camera_that_sends_the_same_picture_is_a_warning(server, machine):
    server.freeze()
    finding = CameraCheck().run(machine(camera=server.url))
    assert finding.verdict is Verdict.WARNING
    assert "has not changed" in finding.found
    assert finding.remedy


@pytest.mark.parametrize(("fps", "verdict"), [(4.0, Verdict.WARNING), (10.0, Verdict.OK)])
def test_one_that_sends_few_pictures_is_a_warning(fps, verdict, machine, monkeypatch):
    monkeypatch.setattr("edge.doctor.camera.try_camera", lambda *_: Seen(640, 480, fps, None))
    finding = CameraCheck().run(machine(camera="rtsp://camera.local/"))
    assert finding.verdict is verdict
    assert f"{fps} pictures a second" in finding.found


@pytest.mark.parametrize("demanded", [False, True])
def test_one_that_does_not_answer_fails_only_where_it_is_demanded_and_no_password_is_told(demanded, machine):
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    address = f"http://me:secret@127.0.0.1:{port}/video"
    finding = CameraCheck().run(machine(camera=address, require_devices=demanded))
    assert finding.verdict is (Verdict.FAILED if demanded else Verdict.WARNING)
    assert "secret" not in finding.found + finding.remedy


@pytest.mark.parametrize(("text", "closed"), [("OFF\n", "switched OFF"), ("maybe", "neither ON nor OFF")])
def test_nothing_is_opened_while_the_switch_is_off(text, closed, machine, tmp_path):
    boards.write(tmp_path, {"state/enabled": text})
    with closing(socket.create_server(("127.0.0.1", 0))) as camera:
        camera.setblocking(False)
        finding = CameraCheck().run(machine(camera=f"http://127.0.0.1:{camera.getsockname()[1]}/"))
        with pytest.raises(BlockingIOError):
            camera.accept()
    assert finding.verdict is Verdict.NOT_APPLICABLE
    assert closed in finding.found


def test_nothing_is_opened_when_devices_are_to_stay_closed(machine):
    with closing(socket.create_server(("127.0.0.1", 0))) as camera:
        camera.setblocking(False)
        here = machine(camera=f"http://127.0.0.1:{camera.getsockname()[1]}/", opens_devices=False)
        finding = CameraCheck().run(here)
        with pytest.raises(BlockingIOError):
            camera.accept()
    assert finding.verdict is Verdict.NOT_APPLICABLE
    assert "--no-devices" in finding.found


def test_it_is_closed_as_soon_as_the_switch_goes_off(server, machine, tmp_path):
    environ = {"STATE_DIRECTORY": str(tmp_path / "state")}
    turn = threading.Timer(1.5, set_enabled, (False, environ))
    turn.start()
    with pytest.raises(ClosedError, match="switched OFF"):
        try_camera(Settings(camera=server.url), environ)
    turn.join()


def test_a_trial_that_takes_too_long_is_ended(server, tmp_path):
    with pytest.raises(DeviceError, match="no answer within 1 s"):
        try_camera(Settings(camera=server.url), {"STATE_DIRECTORY": str(tmp_path)}, limit_s=1)


def test_a_driver_that_crashes_takes_only_the_child_along(tmp_path, monkeypatch):
    boards.write(tmp_path, {"site/cv2.py": "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"})
    monkeypatch.syspath_prepend(tmp_path / "site")
    with pytest.raises(DeviceError, match=r"crashed \(signal 11\)"):
        try_camera(Settings(camera="http://127.0.0.1:9/"), {"STATE_DIRECTORY": str(tmp_path)})


@pytest.mark.parametrize(
    ("program", "name", "verdict"),
    [("edge-emotion", "the running daemon", Verdict.OK), ("another", "python", Verdict.WARNING)],
)
def test_who_has_it_is_named_and_the_daemon_is_not_disturbed(program, name, verdict, machine, tmp_path, monkeypatch):
    opened = []

    def refuse(*_):
        opened.append(True)
        raise BusyError("It cannot be opened: another program may be using it.")

    monkeypatch.setattr("edge.doctor.camera.try_camera", refuse)
    ours, theirs = os.openpty()  # a character device that one can have for oneself
    node = os.ttyname(theirs)
    here = machine(Path("/"), camera=node)
    here.__dict__["daemon"] = None  # whatever else runs here
    script = boards.write(tmp_path, {program: "import sys; print(flush=True); sys.stdin.read()"}) / program
    command = [sys.executable, str(script), "run"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=[theirs]) as child:
        os.close(theirs)
        child.stdout.readline()
        finding = CameraCheck().run(here)
        child.stdin.close()
    os.close(ours)
    assert finding.verdict is verdict, finding
    assert f"{name} (process {child.pid})" in finding.found
    assert opened == ([] if verdict is Verdict.OK else [True])


@pytest.mark.parametrize(
    ("words", "is_daemon"),
    [
        (["/usr/bin/python3.10", "-m", "edge.cli", "run", "--camera", "0"], True),
        (["/opt/bin/python", "-I", "/opt/bin/edge-emotion"], True),
        (["/opt/bin/python", "/opt/bin/edge-emotion", "--camera", "0"], True),
        (["/opt/bin/python", "/opt/bin/edge-emotion", "doctor"], False),
        (["/usr/bin/python3", "-m"], False),
        (["journalctl", "-u", "edge-emotion"], False),
        ([""], False),
    ],
)
def test_the_daemon_is_known_by_its_command_line(words, is_daemon, tmp_path):
    boards.write(tmp_path, {"12/comm": "x\n", "12/cmdline": "\0".join(words)})
    assert bool(running_daemon(tmp_path)) is is_daemon
