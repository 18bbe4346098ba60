"""SIGHUP on the real daemon, started as systemd starts it."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from pathlib import Path

import psutil
import pytest

from tests.broker import Mosquitto, listening, until
from tests.mjpeg import MjpegServer
from tests.process.command import Running
from tests.process.manager import Manager

RELOADING = "RELOADING=1\nMONOTONIC_USEC="


class Service:
    """The daemon with a config file that a test rewrites, and the manager that it tells."""

    def __init__(self, folder, clip):
        self.manager = Manager(folder)
        self.config = folder / "config.toml"
        self._clip = clip

    def write(self, text):
        sources = f'camera = "{self._clip}"\nmic = "{self._clip}"\nloop = true\ndevice_id = "desk"\n'
        self.config.write_text(sources + text)

    def start(self):
        return Running("--config", self.config, environ=self.manager.environ)

    def ready(self):
        self.manager.listen_until(lambda heard: "READY=1" in heard)

    def reload(self, running):
        """Asks for it, and waits until the daemon says that it is done."""
        done = self.manager.heard.count("READY=1")
        running.child.send_signal(signal.SIGHUP)
        self.manager.listen_until(lambda heard: heard.count("READY=1") > done)


@pytest.fixture
def service(tmp_path, demo_clip_path):
    return Service(tmp_path, demo_clip_path)


def ignores_hang_ups(pid):
    (mask,) = re.findall(r"SigIgn:\s*([0-9a-f]+)", Path(f"/proc/{pid}/status").read_text())
    return int(mask, 16) & 1 << signal.SIGHUP - 1


def test_what_can_be_applied_is_what_needs_a_restart_is_said_and_what_is_wrong_changes_nothing(service):
    service.write('broker = "none"\n')
    with service.start() as running:
        # `systemctl reload` waits for READY, but `kill -HUP` by hand may come at any time.
        until(lambda: ignores_hang_ups(running.child.pid), "Python runs our code")
        running.child.send_signal(signal.SIGHUP)
        service.ready()
        service.write('broker = "none"\nlog_level = "warning"\n[sync]\naudio_offset_ms = 40\n[video]\nfps = 15\n')
        service.reload(running)
        running.wait_for("only a restart applies the new video.fps: systemctl restart edge-emotion")
        assert not any("reloaded: log_level" in line for line in running.err), "warning: less is said now"
        service.manager.wait_for_status("; a restart applies the new video.fps")
        told = [message for message in service.manager.heard if message.startswith(RELOADING)]
        assert len(told) == 1
        assert int(told[0].removeprefix(RELOADING)) > 0

        service.write('broker = "none"\n')
        service.reload(running)
        service.manager.wait_for_status("engine online")
        running.wait_for("reloaded: log_level, sync.audio_offset_ms")

        service.write('broker = "none"\nlog_level = "loud"\n')
        service.reload(running)
        running.wait_for("the settings stay as they were")
        service.config.unlink()
        service.reload(running)
        done = running.end()
    assert done.code == 0
    kept = [line for line in done.err.splitlines() if "the settings stay as they were" in line]
    assert len(kept) == 2
    assert str(service.config) in kept[0]
    assert "'loud'" in kept[0]
    assert "Traceback" not in done.err


def test_the_usual_file_that_is_gone_does_not_mean_all_defaults(service, tmp_path):
    service.config = tmp_path / "edge-emotion" / "config.toml"
    service.config.parent.mkdir()
    service.write('broker = "none"\n')
    with Running(environ={**service.manager.environ, "XDG_CONFIG_HOME": str(tmp_path)}) as running:
        service.ready()
        service.config.unlink()
        service.reload(running)
        running.wait_for(f"the settings stay as they were: The config file {service.config}")
        assert running.end().code == 0


@pytest.mark.timeout(120)
def test_another_broker_learns_all_that_the_first_one_knew(service, tmp_path):
    folders = [tmp_path / name for name in ("first", "second")]
    for folder in folders:
        folder.mkdir()
    with (
        Mosquitto(folders[0]) as first,
        Mosquitto(folders[1]) as second,
        listening(first.port) as before,
        listening(second.port) as after,
    ):
        service.write(f'broker = "{first.url}"\n')
        with service.start() as running:
            service.ready()
            service.manager.wait_for_status(", broker connected")
            service.write(f'broker = "{second.url}"\n[homeassistant]\ndiscovery = false\n')
            service.reload(running)
            running.wait_for("reloaded: broker, homeassistant.discovery")
            for topic, payload in (
                ("available", "online"),
                ("status/video", "online"),
                ("status/audio", "online"),
                ("status/engine", "online"),
                ("enabled/state", "ON"),
            ):
                after.wait_for(topic, payload)
            assert json.loads(after.wait_for("desk/state").payload)["device"] == "desk"
            after.wait_for("emotion")
            before.wait_for("available", "stopped")
            assert running.end().code == 0
        after.wait_for("available", "stopped")


def test_a_login_that_was_refused_is_tried_again_with_what_the_password_file_says_now(service, tmp_path):
    users, secret = tmp_path / "users", tmp_path / "secret"
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(users), "mia", "right"], check=True, capture_output=True)
    secret.write_text("wrong\n")
    secret.chmod(0o600)
    with Mosquitto(tmp_path, f"password_file {users}", anonymous=False) as broker:
        service.write(f'broker = "{broker.url}"\n[mqtt]\nusername = "mia"\npassword_file = "{secret}"\n')
        with service.start() as running:
            service.ready()
            service.manager.wait_for_status("check username and password)")
            secret.write_text("right\n")
            service.reload(running)
            service.manager.wait_for_status(", broker connected", 10)
            assert running.end().code == 0


def looked_at(pid, *cameras):
    links = [link for link in psutil.net_connections("tcp4") if link.pid == pid and link.status == "ESTABLISHED"]
    return {camera for camera in cameras if camera.port in {link.raddr.port for link in links}}


@pytest.mark.timeout(120)
def test_another_camera_takes_the_place_of_the_first(service, demo_clip_path):
    with MjpegServer(demo_clip_path, burn=False) as first, MjpegServer(width=320, height=240) as second:
        service.config.write_text(f'camera = "{first.url}"\nmic = "none"\nbroker = "none"\n')
        with service.start() as running:
            running.wait_for(f"video is online ({first.url})")
            service.ready()
            service.config.write_text(f'camera = "{second.url}"\nmic = "none"\nbroker = "none"\n')
            service.reload(running)
            running.wait_for("reloaded: camera")
            until(lambda: looked_at(running.child.pid, first, second) == {second}, "only the second one is looked at")
            assert running.end().code == 0
