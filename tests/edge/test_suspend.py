"""Time that went by without us, by two clocks that are stepped by hand."""

import pytest

from edge.clock import MonotonicClock
from edge.suspend import Lapse, SuspendWatch
from tests.fakes import FakeClock

S = 1_000_000_000


class Machine:
    """Looks five times a second."""

    def __init__(self):
        self.clock = FakeClock()
        self.watch = SuspendWatch(self.clock)

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
    machine.clock.asleep_ns += 3600 * S
    assert machine.looks_after(0.2) == "the machine has slept for 3600 s"
    assert machine.runs(20) == set()


def test_a_short_nap_is_none(machine):
    machine.clock.asleep_ns += S // 2
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
    machine.clock.asleep_ns += 60 * S
    assert machine.looks_after(30) == "the machine has slept for 60 s"


def test_a_wall_clock_has_no_part_in_it(machine, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 0.0)
    monkeypatch.setattr("time.time_ns", lambda: 0)
    assert machine.runs(2) == set()


def test_the_kernels_clock_goes_forward():
    clock = MonotonicClock()
    assert clock.now_ns() // 10 <= clock.boot_ns() <= clock.boot_ns()


@pytest.mark.parametrize("kind", ["slept", "stopped"])
def test_a_lapse_is_told_once_and_is_recent_for_a_while(kind):
    clock = FakeClock()
    lapse = Lapse(clock)
    lapse.begin()
    clock.advance(S)
    assert not lapse.look()
    assert not lapse.recent
    if kind == "slept":
        clock.asleep_ns += 3 * S
    else:
        clock.advance(3 * S)
    assert lapse.look()
    assert lapse.recent
    clock.advance(S)
    assert not lapse.look()
    assert lapse.recent
    clock.advance(2 * S)
    assert not lapse.recent


def test_time_before_a_begin_is_no_lapse():
    clock = FakeClock()
    lapse = Lapse(clock)
    clock.advance(60 * S)
    lapse.begin()
    assert not lapse.look()
