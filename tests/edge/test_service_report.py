"""What a run says to the socket that systemd opens for it."""

from __future__ import annotations

import os
import socket
import threading

import pytest

from edge.config import Settings
from edge.reload import Reload
from edge.service_report import ServiceReport
from edge.stage import Stage
from edge.statuses import Statuses
from edge.uplink import Uplink
from tests.broker import until
from tests.edge.publish import records
from tests.fakes import FakeClock

NS = 1_000_000_000


class Run:
    """All that a report looks at, and the manager's end of the socket."""

    def __init__(self, folder, monkeypatch, broker="none"):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(folder / "notify"))
        self._socket.setblocking(False)
        watchdog = {"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}
        for name, value in {"NOTIFY_SOCKET": str(folder / "notify"), **watchdog}.items():
            monkeypatch.setenv(name, value)
        self.clock = FakeClock()
        self.now = Settings(broker=broker)
        self.statuses = Statuses(self.clock, lambda *_: None, frames_hz=30, chunks_hz=50)
        self.uplink = Uplink(self.now, records.IDENTITY, print)
        reload = Reload(self.now, lambda: self.now, [])
        self.report = ServiceReport(self.clock, self.statuses, self.uplink, reload)
        self.statuses.video.become("online", reason=None, source="0")

    def step(self, stages=(), *, ready=True, building=False):
        """What one look at the run tells the manager."""
        self.clock.advance(NS // 5)
        self.report.step(stages, ready=ready, building=building)
        return self.heard()

    def heard(self):
        told = []
        while True:
            try:
                told.append(self._socket.recv(4096).decode())
            except BlockingIOError:
                return told


@pytest.fixture
def run(tmp_path, monkeypatch):
    return Run(tmp_path, monkeypatch)


STATUS = "STATUS=video online, audio offline, engine offline"


def test_an_engine_that_is_built_before_the_first_result_has_its_time(run):
    assert run.step(ready=False, building=True) == ["WATCHDOG=1", "EXTEND_TIMEOUT_USEC=60000000", STATUS]
    assert run.step(ready=False, building=True) == []
    assert run.step(ready=True, building=True) == ["READY=1"]
    run.clock.advance(120 * NS)
    assert "EXTEND_TIMEOUT_USEC=60000000" not in run.step(ready=True, building=True)


def test_a_reload_is_over_with_the_next_look(run):
    run.step()
    run.now = Settings(broker="none", camera="1")
    run.report.reload()
    (reloading,) = run.heard()
    assert reloading.startswith("RELOADING=1\n")
    assert run.step() == ["READY=1", f"{STATUS}; a restart applies the new camera"]


def test_the_status_says_how_it_stands_with_the_broker(tmp_path, monkeypatch, broker):
    run = Run(tmp_path, monkeypatch, broker=broker.url)
    run.uplink.start()
    try:
        until(lambda: run.uplink.link.state == "connected", "the broker takes us")
        assert run.report.in_words.endswith("engine offline, broker connected")
        broker.stop()
        until(lambda: run.uplink.link.state != "connected", "it is missed")
        assert f"broker {run.uplink.link.state} (" in run.report.in_words
    finally:
        run.uplink.stop()


def test_a_stage_that_hangs_gets_no_food_and_leaves_its_stack_in_the_log(run, caplog):
    hang, inside = threading.Event(), threading.Event()

    def a_step_that_hangs():
        inside.set()
        hang.wait(30)

    stage = Stage("judge", a_step_that_hangs, run.clock, limit_s=5.0)
    stage.start()
    assert inside.wait(10)
    told = [message for _ in range(200) for message in run.step([stage])]
    stage.stop()
    hang.set()
    assert stage.join(10)
    assert told.count("WATCHDOG=1") == 1, "in 40 s, all but the first five of them without"
    errors = [record.message for record in caplog.records if record.levelname == "ERROR"]
    assert errors[0] == "judge hangs"
    assert "judge:\n" in errors[1]
    assert "a_step_that_hangs" in errors[1]
