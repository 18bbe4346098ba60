"""Time that went by without us, by two clocks that are stepped by hand."""

import pytest

from edge.suspend import SuspendWatch, boottime_ns
from tests.fakes import FakeClock

S = 1_000_000_000


class Machine:
    """Looks five times a second."""

    def __init__(self):
        self.clock = FakeClock()
        self.asleep_ns = 5 * S
        self.watch = SuspendWatch(self.clock, lambda: self.clock.now_ns() + self.asleep_ns)

    def runs(self, seconds, beats=()):
        said = []
        for _ in range(round(seconds * 5)):
            self.clock.advance(S // 5)
            said.append(self.watch.step(beats))
        return {words for words in said if words}

    def looks_after(self, seconds, *beats_s):
        now_ns = self.clock.now_ns()
        self.clock.advance(round(seconds * S))
        return self.watch.step([now_ns + round(beat_s * S) for beat_s in beats_s])


@pytest.fixture
def machine():
    machine = Machine()
    assert machine.runs(20) == set()
    return machine


def test_a_machine_that_slept_is_told_once(machine):
    machine.asleep_ns += 3600 * S
    assert machine.looks_after(0.2) == "the machine has slept for 3600 s"
    assert machine.runs(20) == set()


def test_a_short_nap_is_none(machine):
    machine.asleep_ns += S // 2
    assert machine.runs(5) == set()


def test_a_process_that_was_stopped_is_told_once(machine):
    assert machine.looks_after(10, 0.1, 9.9, 10.0) == "this process was stopped for 10 s"
    assert machine.runs(20) == set()


def test_a_main_loop_that_was_held_up_alone_is_nothing(machine):
    assert machine.looks_after(10, 0.1, 5.0, 10.0) is None
    assert machine.runs(20) == set()


def test_a_pause_that_may_come_from_load_is_nothing(machine):
    assert machine.looks_after(1.9) is None


def test_both_at_once_are_told_as_sleep(machine):
    machine.asleep_ns += 60 * S
    assert machine.looks_after(30) == "the machine has slept for 60 s"


def test_a_wall_clock_has_no_part_in_it(machine, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 0.0)
    monkeypatch.setattr("time.time_ns", lambda: 0)
    assert machine.runs(2) == set()


def test_the_kernels_clock_goes_forward():
    assert boottime_ns() <= boottime_ns()
