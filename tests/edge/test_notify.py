"""Against a real socket, as systemd opens one for a service of Type=notify."""

import os
import socket
import threading
import time

import pytest

from edge.notify import ServiceManager, watchdog_ns
from tests.fakes import FakeClock

NS = 1_000_000_000


class Manager:
    def __init__(self, folder, watchdog_s=20):
        path = str(folder / "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        environ = {"NOTIFY_SOCKET": path, "WATCHDOG_USEC": str(watchdog_s * 10**6), "WATCHDOG_PID": str(os.getpid())}
        self.clock = FakeClock()
        self.told = ServiceManager(self.clock, environ)

    def heard(self, count):
        """The next so many messages."""
        self.socket.settimeout(10)
        return [self.socket.recv(4096).decode() for _ in range(count)]

    def heard_nothing(self):
        self.socket.settimeout(0.02)
        try:
            self.socket.recv(4096)
        except TimeoutError:
            return True
        return False


@pytest.fixture
def manager(tmp_path):
    return Manager(tmp_path)


def test_ready_is_told_once_and_a_status_when_it_is_new(manager):
    for words in ("video online", "video online", "video offline (it has been lost)"):
        manager.told.ready()
        manager.told.status(words)
    manager.told.stopping()
    assert manager.heard(4) == [
        "READY=1",
        "STATUS=video online",
        "STATUS=video offline (it has been lost)",
        "STOPPING=1",
    ]


def test_long_work_asks_for_more_time_in_a_message_of_its_own(manager):
    manager.told.extend(60)
    manager.told.extend(0.5)
    assert manager.heard(2) == ["EXTEND_TIMEOUT_USEC=60000000", "EXTEND_TIMEOUT_USEC=500000"]


def test_the_watchdog_is_fed_at_a_third_of_its_time(manager):
    for _ in range(3):
        manager.told.alive()
        assert manager.heard(1) == ["WATCHDOG=1"]
        manager.clock.advance(6 * NS)
        manager.told.alive()
        assert manager.heard_nothing()
        manager.clock.advance(NS)


@pytest.mark.parametrize("path", ["nonsense", "@nobody", "/no/such/socket", "/tmp", "/" + 500 * "a"])
def test_a_manager_that_is_not_there_hurts_nobody(path, caplog):
    told = ServiceManager(FakeClock(), {"NOTIFY_SOCKET": path})
    told.ready()
    for words in ("one", "two"):
        told.status(words)
    told.stopping()
    assert len([record for record in caplog.records if record.levelname == "WARNING"]) <= 1


@pytest.mark.timeout(60)
def test_a_manager_that_does_not_read_holds_nobody_up(manager):
    for number in range(2000):
        manager.told.status(f"status {number}")
    manager.told.stopping()


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
    manager.told.status("video offline (OpenCV:\n  no\nMAINPID=1 \udcff)")
    assert manager.heard(1) == ["STATUS=video offline (OpenCV: no MAINPID=1 ?)"]


def test_work_before_it_is_ready_asks_for_more_time_again_and_again(manager):
    for _ in range(3):
        manager.told.hold()
        manager.told.hold()
        assert manager.heard(1) == ["EXTEND_TIMEOUT_USEC=60000000"]
        assert manager.heard_nothing()
        manager.clock.advance(20 * NS)
    manager.told.ready()
    manager.told.hold()
    assert manager.heard(1) == ["READY=1"]
    assert manager.heard_nothing(), "work in a service that is ready takes no time from it"


def test_a_reload_is_told_with_its_time_and_ends_with_ready(manager):
    manager.told.reloading()
    assert manager.heard_nothing(), "it is not ready yet, and no reload makes it so"
    manager.told.ready()
    manager.clock.advance(5 * NS)
    manager.told.reloading()
    manager.told.ready()
    manager.told.ready()
    first, told, last = manager.heard(3)
    assert (first, last) == ("READY=1", "READY=1")
    assert told == f"RELOADING=1\nMONOTONIC_USEC={manager.clock.now_ns() // 1000}"
    assert manager.heard_nothing()


def test_whether_there_is_a_manager_and_a_watchdog():
    with_watchdog = {"NOTIFY_SOCKET": "/none", "WATCHDOG_USEC": "6000000"}
    told = [ServiceManager(FakeClock(), environ) for environ in ({}, {"NOTIFY_SOCKET": "/none"}, with_watchdog)]
    assert [(manager.there, manager.watches) for manager in told] == [(False, False), (True, False), (True, True)]


def test_a_full_socket_stops_no_thread(manager):
    """Unlike sd_notify(3) called through systemd-python, which holds Python's lock while it waits."""
    longest_s, over = [0.0], threading.Event()

    def beat():
        before = time.monotonic()
        while not over.wait(0.001):
            longest_s[0], before = max(longest_s[0], time.monotonic() - before), time.monotonic()

    beating = threading.Thread(target=beat)
    beating.start()
    for number in range(300):
        manager.told.status(f"status {number}")
    over.set()
    beating.join()
    assert longest_s[0] < 1.0
