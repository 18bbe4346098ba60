import numpy as np
import pytest

from edge.sync.interpolate import at_grid, linear

MS = 1_000_000


def stamps(*ms):
    return np.asarray([round(m * MS) for m in ms], np.int64)


def test_values_between_samples_are_linear_in_time_and_held_at_the_edges():
    t_ns = stamps(0, 10, 40)
    values = np.asarray([[0.0], [10.0], [40.0]], np.float32)
    got = linear(t_ns, values, stamps(-5, 0, 5, 20, 40, 99))
    assert got[:, 0].tolist() == pytest.approx([0, 0, 5, 20, 40, 40])


def test_one_sample_is_held_everywhere():
    got = linear(stamps(7), np.asarray([[3.0, 4.0]], np.float32), stamps(0, 10))
    assert got.tolist() == [[3, 4], [3, 4]]


def test_stamps_of_a_machine_up_for_a_year_lose_no_precision():
    year = 365 * 86_400 * 1_000 * MS
    t_ns = year + stamps(0, 10)
    got = linear(t_ns, np.asarray([[0.0], [10.0]], np.float32), year + stamps(2.5))
    assert got[0, 0] == pytest.approx(2.5, abs=1e-4)


@pytest.mark.parametrize(
    ("gap", "fraction", "used"), [(0, 0.0, True), (12, 0.12, True), (50, 0.5, True), (51, 0.51, False)]
)
def test_what_is_filled_in_is_counted_and_too_much_of_it_masks_the_stream(gap, fraction, used):
    grid = stamps(*range(0, 1000, 10))
    t_ns = grid[: len(grid) - gap]
    got = at_grid(t_ns, np.ones((len(t_ns), 2), np.float32), t_ns, grid, near_ns=5 * MS, begun_ns=0)
    assert got.interpolated == pytest.approx(fraction)
    assert got.mask.all() == used
    assert got.mask.any() == used


def test_a_stream_without_a_sample_is_masked_and_wholly_missing():
    got = at_grid(
        np.empty(0, np.int64),
        np.empty((0, 3), np.float32),
        np.empty(0, np.int64),
        stamps(0, 10),
        near_ns=MS,
        begun_ns=0,
    )
    assert got.values.shape == (2, 3)
    assert not got.mask.any()
    assert got.interpolated == 1.0


def test_what_lies_before_the_stream_began_is_masked_but_not_missing():
    grid = stamps(*range(0, 1000, 10))
    t_ns = grid[70:]
    got = at_grid(t_ns, np.ones((30, 1), np.float32), t_ns, grid, near_ns=5 * MS, begun_ns=int(t_ns[0]))
    assert got.interpolated == 0.0
    assert got.mask.tolist() == [False] * 70 + [True] * 30


def test_a_stream_that_began_long_ago_has_to_answer_for_the_gap_at_the_start():
    grid = stamps(*range(0, 1000, 10))
    t_ns = grid[40:]
    got = at_grid(t_ns, np.ones((60, 1), np.float32), t_ns, grid, near_ns=5 * MS, begun_ns=-5_000 * MS)
    assert got.interpolated == pytest.approx(0.4)
    assert got.mask.all()
