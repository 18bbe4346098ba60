"""What systemd hears of the real daemon, on a socket as systemd opens one."""

from __future__ import annotations

import pytest

from edge.config import set_enabled
from tests.process.command import Running
from tests.process.manager import Manager


@pytest.fixture
def manager(tmp_path):
    return Manager(tmp_path)


def test_it_is_ready_with_the_first_result_and_feeds_the_watchdog(manager, demo_clip_path):
    words = ["--camera", demo_clip_path, "--mic", demo_clip_path, "--loop", "--broker", "none", "--json"]
    with Running(*words, environ=manager.environ) as running:
        manager.listen_until(lambda heard: "READY=1" in heard)
        assert running.out, "a result was there first"
        manager.listen_until(lambda heard: heard.count("WATCHDOG=1") >= 2)
        assert "STATUS=video online, audio online, engine online" in manager.heard
        done = running.end()
        manager.listen_until(lambda heard: "STOPPING=1" in heard)
    assert done.code == 0
    assert manager.heard.count("READY=1") == 1


def test_a_device_that_is_away_is_told_and_no_reason_to_be_restarted(manager, demo_clip_path):
    words = ["--camera", "http://127.0.0.1:9/none", "--mic", demo_clip_path, "--loop", "--broker", "none", "--json"]
    with Running(*words, environ=manager.environ) as running:
        told = "STATUS=video offline (Camera 'http://127.0.0.1:9/none' "
        manager.listen_until(lambda heard: "READY=1" in heard and any(told in message for message in heard))
        manager.listen_until(lambda heard: heard.count("WATCHDOG=1") >= 3)
        assert running.end().code == 0


def test_switched_off_is_ready_too(manager, demo_clip_path):
    set_enabled(False, manager.environ)
    words = ["--camera", demo_clip_path, "--mic", demo_clip_path, "--loop", "--broker", "none", "--json"]
    with Running(*words, environ=manager.environ) as running:
        manager.listen_until(lambda heard: "READY=1" in heard)
        manager.listen_until(lambda heard: any("video disabled" in message for message in heard))
        assert running.out == []
        assert running.end().code == 0
