"""When a machine counts as busy, by a clock that is stepped by hand."""

import pytest

from edge.strain import MOST_ROOM_NS, StrainLevel, Ticks

TICK_NS = 200_000_000


class Machine:
    """Five ticks a second, of which every `one_in` is missed (0: none)."""

    def __init__(self):
        self.strain = StrainLevel()
        self.now_ns = 3_000_000_000
        self.due = self.missed = 0

    def seconds(self, count, one_in=0):
        levels = []
        for _ in range(round(count * 5)):
            self.now_ns += TICK_NS
            self.due += 1
            self.missed += bool(one_in) and self.due % one_in == 0
            levels.append(self.strain.step(self.now_ns, Ticks(self.due, self.missed)))
        return levels

    def seconds_until(self, level, one_in=0, limit_s=2000):
        for second in range(limit_s):
            if level in self.seconds(1, one_in):
                return second + 1
        pytest.fail(f"never at {level}")


@pytest.fixture
def machine():
    machine = Machine()
    machine.seconds(20)
    return machine


def test_one_in_ten_is_too_many_and_one_in_twenty_is_not(machine):
    assert set(machine.seconds(120, one_in=20)) == {0}
    assert machine.seconds_until(1, one_in=9) <= 10


def test_where_half_the_work_does_not_help_it_becomes_less_and_no_less_than_that(machine):
    assert machine.seconds_until(1, one_in=2) <= 3
    assert machine.seconds_until(2, one_in=2) >= 2, "judged afresh by what the new level brings"
    assert set(machine.seconds(120, one_in=1)) == {2}


def test_a_few_at_the_start_are_no_load():
    machine = Machine()
    assert set(machine.seconds(0.8, one_in=1) + machine.seconds(20)) == {0}


def test_it_comes_back_when_there_is_room(machine):
    machine.seconds_until(1, one_in=2)
    assert 29 <= machine.seconds_until(0) <= 32


def test_one_miss_in_ten_seconds_is_room_enough(machine):
    machine.seconds_until(1, one_in=2)
    machine.seconds(11)
    assert machine.seconds_until(0, one_in=60) <= 32


def test_misses_now_and_then_are_no_room(machine):
    machine.seconds_until(1, one_in=2)
    assert set(machine.seconds(300, one_in=25)) == {1}


def test_the_wait_doubles_when_coming_back_was_regretted_up_to_ten_minutes(machine):
    waits = []
    for _ in range(8):
        machine.seconds_until(1, one_in=2)
        waits.append(machine.seconds_until(0))
    assert waits[:4] == sorted(waits[:4])
    assert all(after == pytest.approx(2 * before, abs=3) for before, after in zip(waits[:4], waits[1:5], strict=True))
    assert waits[-1] == waits[-2] == pytest.approx(MOST_ROOM_NS / 1e9, abs=2)


def test_a_long_good_time_forgives(machine):
    for _ in range(3):
        machine.seconds_until(1, one_in=2)
        before = machine.seconds_until(0)
    machine.seconds(1000)
    machine.seconds_until(1, one_in=2)
    assert machine.seconds_until(0) < before / 2


def test_while_nothing_is_due_there_is_room(machine):
    machine.seconds_until(1, one_in=2)
    for _ in range(200):
        machine.now_ns += TICK_NS
        machine.strain.step(machine.now_ns, Ticks(machine.due, machine.missed))
    assert machine.strain.level == 0


def test_what_was_missed_while_the_machine_slept_does_not_count(machine):
    machine.due += 18_000
    machine.missed += 18_000
    machine.strain.forget()
    assert set(machine.seconds(20)) == {0}
