"""No room, nothing that may be written: results go on, the privacy switch is obeyed, the log says so once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from edge.config import is_enabled, set_enabled
from tests.bench.scene import DEVICE
from tests.broker import listening
from tests.process.command import Running, run
from tests.process.small_disk import fill, make_read_only, tmpfs

pytestmark = pytest.mark.timeout(300)

SET = f"edge-emotion/{DEVICE}/enabled/set"


def switches(listener, daemon, scene, wishes):
    """Each wish over MQTT is obeyed and told."""
    for wish in wishes:
        after = len(listener.heard)
        listener.publish(SET, wish)
        listener.wait_for("enabled/state", wish, after=after)
    daemon.wait_for_results(3)


def warnings(daemon):
    return [line for line in daemon.err if "WARNING" in line or "ERROR" in line]


def test_off_outlives_a_run_whose_disk_is_full(scene, broker, tmp_path):
    with tmpfs(tmp_path / "state", "size=64k") as folder:
        environ = {"STATE_DIRECTORY": str(folder)}
        fill(folder)
        with listening(broker.port) as listener, scene.daemon(broker.url, environ=environ) as daemon:
            daemon.wait_for_results(3)
            switches(listener, daemon, scene, ["OFF", "ON", "OFF", "ON"])
            after = len(listener.heard)
            listener.publish(SET, "OFF")
            listener.wait_for("enabled/state", "OFF", after=after)
            daemon.child.kill()
            daemon.child.wait()
        assert not is_enabled(environ)
        # Nothing can hold ON there; that this is for the run only is said once, however often it is wished.
        told = warnings(daemon)
        assert len(told) == 1, told
        assert str(folder / "enabled") in told[0]
        assert "No space left on device" in told[0]
        assert "make room" in told[0]
        assert "for this run only" in told[0]


def test_a_read_only_disk_is_told_once_and_the_switch_holds_for_the_run(scene, broker, tmp_path):
    with tmpfs(tmp_path / "state", "size=64k") as folder:
        environ = {"STATE_DIRECTORY": str(folder)}
        set_enabled(True, environ)
        make_read_only(folder)
        with listening(broker.port) as listener, scene.daemon(broker.url, environ=environ) as daemon:
            daemon.wait_for_results(3)
            switches(listener, daemon, scene, ["OFF", "ON", "OFF", "ON"])
            assert daemon.end().code == 0
        told = warnings(daemon)
        assert len(told) == 1, told
        assert "Read-only file system" in told[0]
        assert "for this run only" in told[0]


def test_a_user_who_may_write_nothing_switches_for_the_run(scene, broker):
    """Every file may have 0 bytes, so this needs no rights: empty is OFF, and ON cannot be written."""
    folder = scene.new_folder("state")
    words = ["--camera", scene.clip, "--mic", scene.clip, "--loop", "--json", "--device-id", DEVICE]
    environ, before = {"STATE_DIRECTORY": str(folder)}, ["sh", "-c", 'ulimit -f 0; exec "$@"', "sh"]
    with (
        listening(broker.port) as listener,
        Running(*words, "--broker", broker.url, environ=environ, before=before) as daemon,
    ):
        daemon.wait_for_results(3)
        switches(listener, daemon, scene, ["OFF", "ON"])
        assert daemon.end().code == 0
    assert not is_enabled(environ)
    told = warnings(daemon)
    assert len(told) == 1, told
    assert "File too large" in told[0]


def test_a_switch_that_cannot_be_understood_is_off_and_said_in_one_line(tmp_path, demo_clip_path):
    (tmp_path / "enabled").write_bytes(b"ON\xff")
    words = [
        "--camera",
        demo_clip_path,
        "--mic",
        demo_clip_path,
        "--broker",
        "none",
        "--loop",
        "--json",
        "--duration",
        3,
    ]
    done = run(*words, environ={"STATE_DIRECTORY": str(tmp_path)})
    done.assert_no_traceback()
    assert done.code == 0, done.err
    assert done.out == ""
    told = [line for line in done.err.splitlines() if "WARNING" in line]
    assert len(told) == 1, told
    assert str(tmp_path / "enabled") in told[0]
    assert "counts as OFF" in told[0]


def test_neither_run_nor_home_nor_a_cache_is_needed(tmp_path, demo_clip_path):
    """Own mounts: an empty read-only /run, a cache and a home that cannot be written."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("an own /run needs unshare (apt: util-linux) and the right to use it")
    script = 'mount -t tmpfs -o ro none /run && mount -t tmpfs -o ro none "$0" && exec "$@"'
    before = ["unshare", "--mount", "sh", "-c", script, str(tmp_path)]
    if subprocess.run([*before, "true"], capture_output=True).returncode != 0:
        pytest.skip("an own /run needs the right to mount")
    environ = {"HOME": str(tmp_path / "home"), "XDG_CACHE_HOME": str(tmp_path), "STATE_DIRECTORY": str(tmp_path)}
    words = ["--camera", demo_clip_path, "--mic", demo_clip_path, "--broker", "none", "--json", "--duration", 4]
    with Running(*words, environ=environ, before=before) as running:
        done = running.finish()
    done.assert_no_traceback()
    assert done.code == 0, done.err
    assert len(done.results) >= 10
    assert "WARNING" not in done.err


def test_a_daemon_without_home_runs(demo_clip_path, tmp_path):
    words = ["-m", "edge.cli", "--camera", demo_clip_path, "--mic", "none", "--broker", "none", "--json"]
    words += ["--duration", "3"]
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("HOME", "XDG_"))}
    done = subprocess.run([sys.executable, *map(str, words)], env=environ, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") >= 5
