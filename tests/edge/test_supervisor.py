import threading

import pytest

from edge.health import Status
from edge.stage import Stage
from edge.supervisor import Supervisor
from tests.broker import until
from tests.fakes import FakeClock

NS = 1_000_000_000


class Rig:
    def __init__(self):
        self.clock = FakeClock()
        self.told = []
        self.engine = Status("engine", lambda *change: self.told.append(change))
        self.engine.become("online", reason=None, engine="onnx")
        self.supervisor = Supervisor(self.clock, {"judge": self.engine})

    def pass_time(self, seconds):
        for _ in range(seconds):
            self.clock.advance(NS)
            self.supervisor.look([])


@pytest.mark.timeout(60)
def test_a_stage_that_hangs_is_told_once_with_where_it_is_and_heals(caplog):
    caplog.set_level("DEBUG")
    rig = Rig()
    hang, inside = threading.Event(), threading.Event()

    def a_step_that_hangs():
        inside.set()
        hang.wait(30)

    stage = Stage("judge", a_step_that_hangs, rig.clock, limit_s=5.0)
    stage.start()
    assert inside.wait(10)
    assert rig.supervisor.look([stage])
    rig.clock.advance(60 * NS)
    assert rig.supervisor.look([stage]), "the whole process stood still"
    rig.pass_time(6)
    assert not rig.supervisor.look([stage]), "no watchdog is fed"
    assert not rig.supervisor.look([stage])
    assert rig.told[-1][1:] == (
        "degraded",
        {"reason": "stage judge: has not answered for 5 s", "engine": "onnx"},
    )
    said = [record for record in caplog.records if record.name == "edge.supervisor"]
    assert [record.message for record in said if record.levelname == "ERROR"] == ["judge hangs"]
    assert "a_step_that_hangs" in said[1].message, "the stacks tell where, who looks closely"
    stage.stop()
    hang.set()
    assert stage.join(10)
    assert rig.supervisor.look([stage])
    assert rig.told[-1][1:] == ("online", {"reason": None, "engine": "onnx"})


@pytest.mark.timeout(60)
def test_errors_of_a_stage_are_told_until_they_stop():
    rig = Rig()
    failed = threading.Event()

    def step():
        if not failed.is_set():
            failed.set()
            raise ValueError("no such tensor")
        threading.Event().wait(0.01)

    stage = Stage("judge", step, rig.clock, pause_s=0.0)
    stage.start()
    assert failed.wait(10)
    until(lambda: stage.error(rig.clock.now_ns()), "the error is noted")
    assert rig.supervisor.look([stage]), "it is alive"
    assert rig.told[-1][1:] == ("degraded", {"reason": "stage judge: ValueError: no such tensor", "engine": "onnx"})
    rig.pass_time(6)
    until(lambda: stage.late_s(rig.clock.now_ns()) is None, "a step ends")
    rig.supervisor.look([stage])
    assert rig.told[-1][1] == "online"
    stage.stop()
    assert stage.join(10)
