"""When a board counts as hot, by a clock that is stepped second by second."""

import pytest

from edge.heat import HeatLevel
from edge.thermal import Heat

LIMIT_C = 90.0
START_NS = 5_000_000_000


class Board:
    """Steps the level once a second; None is a board without zones."""

    def __init__(self):
        self.heat = HeatLevel()
        self.now_ns = START_NS

    def seconds(self, count, temperature_c):
        levels = []
        for _ in range(count):
            self.now_ns += 1_000_000_000
            found = None if temperature_c is None else Heat("cpu", temperature_c, LIMIT_C)
            levels.append(self.heat.step(self.now_ns, found))
        return levels


@pytest.fixture
def board():
    board = Board()
    board.seconds(30, 60.0)
    return board


def test_ten_seconds_at_the_limit_are_hot_and_nine_are_not(board):
    assert set(board.seconds(9, LIMIT_C)) == {0}
    assert 1 in board.seconds(6, LIMIT_C)


def test_where_half_the_work_does_not_help_it_becomes_less(board):
    board.seconds(15, LIMIT_C)
    assert board.heat.level == 1
    assert set(board.seconds(60, LIMIT_C)) == {1}, "no hotter: half is enough"
    assert 2 in board.seconds(16, LIMIT_C + 1.0)
    assert set(board.seconds(60, LIMIT_C + 20.0)) == {2}


def test_at_the_kernels_own_trip_point_it_need_not_rise(board):
    board.seconds(15, LIMIT_C + 6.0)
    assert board.heat.level == 1
    assert 2 in board.seconds(12, LIMIT_C + 6.0)


def test_between_the_thresholds_nothing_changes(board):
    board.seconds(15, LIMIT_C)
    assert set(board.seconds(300, LIMIT_C - 4.9)) == {1}


def test_it_comes_back_level_by_level_when_it_has_been_cool_for_long_enough(board):
    board.seconds(40, LIMIT_C + 10.0)
    assert board.heat.level == 2
    levels = board.seconds(100, LIMIT_C - 5.1)
    assert levels == sorted(levels, reverse=True)
    assert 30 <= levels.index(1) <= 34
    assert 60 <= levels.index(0) <= 64


def test_a_moment_of_heat_begins_the_wait_anew(board):
    board.seconds(15, LIMIT_C)
    board.seconds(25, LIMIT_C - 10)
    board.seconds(5, LIMIT_C - 1)
    assert set(board.seconds(28, LIMIT_C - 10)) == {1}
    assert 0 in board.seconds(10, LIMIT_C - 10)


def test_single_readings_that_are_off_change_nothing(board):
    for _ in range(20):
        assert set(board.seconds(4, 60.0) + board.seconds(1, 125.0)) == {0}
    board.seconds(15, LIMIT_C)
    for _ in range(20):
        assert set(board.seconds(4, LIMIT_C) + board.seconds(1, 20.0)) == {1}


def test_zones_that_vanish_are_no_reason_to_be_slow(board):
    board.seconds(15, LIMIT_C)
    board.seconds(40, None)
    assert board.heat.level == 0
