"""Whether the wall clock can be believed, where the kernel may be asked and where it may not."""

from __future__ import annotations

import os

import pytest

from edge import clock_sync
from edge.clock import NS_PER_S
from edge.clock_sync import ClockSync

START_S = 1_800_000_000


class Time:
    """A clock on the wall, one that only goes on, and a time server's mark."""

    def __init__(self, mark):
        self.mark = mark
        self.wall_s, self.monotonic_s = START_S, 1000

    def pass_s(self, seconds):
        self.wall_s += seconds
        self.monotonic_s += seconds

    def touch(self):
        self.mark.touch()
        os.utime(self.mark, ns=(self.wall_s * NS_PER_S,) * 2)


@pytest.fixture
def world(monkeypatch, tmp_path):
    made = Time(tmp_path / "synchronized")
    monkeypatch.setattr(clock_sync, "_MARK", made.mark)
    monkeypatch.setattr(clock_sync.time, "time_ns", lambda: made.wall_s * NS_PER_S)
    return made


def sync(world, kernel):
    return ClockSync(lambda: kernel, lambda: world.monotonic_s * NS_PER_S)


@pytest.mark.parametrize(("kernel", "answer"), [(True, True), (False, False), (None, False)])
def test_without_a_mark_the_kernel_decides(world, kernel, answer):
    assert sync(world, kernel).synced() is answer


def test_the_mark_of_timesyncd_is_enough(world):
    world.touch()
    assert sync(world, None).synced()


def test_a_year_that_cannot_be_is_never_right(world):
    world.wall_s = 100 * 86_400
    world.touch()
    assert not sync(world, True).synced()


@pytest.mark.parametrize("by_s", [3600, -3600])
def test_a_clock_that_was_set_by_hand_is_doubted_until_the_server_is_heard_again(world, by_s):
    world.touch()
    asked = sync(world, None)
    world.pass_s(100)
    assert asked.synced()
    world.pass_s(1)
    world.wall_s += by_s
    assert not asked.synced()
    world.pass_s(100)
    assert not asked.synced()
    world.touch()
    assert asked.synced()


def test_the_server_may_set_the_clock_far_and_say_so_between_two_looks(world):
    asked = sync(world, None)
    world.wall_s = 100 * 86_400
    assert not asked.synced()
    world.pass_s(1)
    world.wall_s = START_S
    world.touch()
    assert asked.synced()


def test_a_clock_that_is_merely_slewed_is_believed(world):
    world.touch()
    asked = sync(world, None)
    for _ in range(10):
        world.pass_s(10)
        assert asked.synced()


def test_this_kernel_answers():
    assert clock_sync.kernel_says() in (True, False)
