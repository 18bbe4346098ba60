"""Against a real socket, as systemd opens one for a service of Type=notify."""

import os
import socket

import pytest

from edge.notify import ServiceManager, watchdog_ns
from tests.fakes import FakeClock

NS = 1_000_000_000


class Manager:
    def __init__(self, folder, monkeypatch, watchdog_s=20):
        path = str(folder / "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        self.socket.setblocking(False)
        environ = {"NOTIFY_SOCKET": path, "WATCHDOG_USEC": str(watchdog_s * 10**6), "WATCHDOG_PID": str(os.getpid())}
        monkeypatch.setenv("NOTIFY_SOCKET", path)  # systemd-python reads the process's own
        self.clock = FakeClock()
        self.told = ServiceManager(self.clock, environ)

    def heard(self):
        messages = []
        while True:
            try:
                messages.append(self.socket.recv(4096).decode())
            except BlockingIOError:
                return messages


@pytest.fixture
def manager(tmp_path, monkeypatch):
    pytest.importorskip("systemd.daemon")
    return Manager(tmp_path, monkeypatch)


def test_ready_is_told_once_and_a_status_when_it_is_new(manager):
    for words in ("video online", "video online", "video offline (it has been lost)"):
        manager.told.ready()
        manager.told.status(words)
    manager.told.stopping()
    assert manager.heard() == [
        "READY=1",
        "STATUS=video online",
        "STATUS=video offline (it has been lost)",
        "STOPPING=1",
    ]


def test_the_watchdog_is_fed_at_a_third_of_its_time(manager):
    fed_s = []
    for tenth in range(300):
        manager.told.alive()
        if manager.heard():
            fed_s.append(tenth / 10)
        manager.clock.advance(NS // 10)
    assert len(fed_s) == 5
    assert max(later - earlier for earlier, later in zip(fed_s, fed_s[1:], strict=False)) < 20 / 2


def test_without_systemd_nothing_is_told():
    told = ServiceManager(FakeClock(), {})
    told.ready()
    told.alive()
    told.status("video online")
    told.stopping()


@pytest.mark.parametrize(
    ("environ", "expected_s"),
    [
        ({"WATCHDOG_USEC": "20000000"}, 20),
        ({"WATCHDOG_USEC": "20000000", "WATCHDOG_PID": str(os.getpid())}, 20),
        ({"WATCHDOG_USEC": "20000000", "WATCHDOG_PID": "1"}, 0),
        ({"WATCHDOG_USEC": "soon"}, 0),
        ({}, 0),
    ],
)
def test_the_watchdog_may_be_meant_for_another_process(environ, expected_s):
    assert watchdog_ns(environ) == expected_s * NS


def test_a_manager_that_is_away_ends_nothing(manager, tmp_path):
    manager.socket.close()
    (tmp_path / "notify").unlink()
    manager.told.ready()
    manager.told.alive()
    manager.told.stopping()


def test_a_status_is_one_line(manager):
    manager.told.status("video offline (OpenCV:\n  no\nMAINPID=1)")
    assert manager.heard() == ["STATUS=video offline (OpenCV: no MAINPID=1)"]
