import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.sync.interpolate import MOST_INTERPOLATED, at_grid, linear

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


many = settings(max_examples=1000, deadline=None)
any_int64 = st.integers(-(2**63), 2**63 - 1)
seeds = st.integers(0, 2**32 - 1)


def stream(seed, wide):
    """Stamps in any order, some of them equal, with values; a grid; when it was looked at. All int64 where `wide`."""
    random = np.random.default_rng(seed)
    low, high = (-(2**63), 2**63 - 1) if wide else (-300, 300)
    t_ns, grid, more = (random.integers(low, high, random.integers(0, 13), np.int64, endpoint=True) for _ in range(3))
    t_ns = np.concatenate([t_ns, random.choice(t_ns, 2)]) if len(t_ns) else t_ns
    grid = np.concatenate([grid, t_ns[::2]])
    values = random.normal(0.0, 10.0 ** random.integers(-3, 6), (len(t_ns), random.integers(1, 4))).astype(np.float32)
    return (t_ns, grid, np.concatenate([more, t_ns])), values, random


@many
@given(seeds, st.booleans(), st.integers(0, 2**63 - 1), any_int64)
def test_every_value_lies_between_its_neighbours_and_is_held_at_the_edges(seed, wide, near_ns, begun_ns):
    (t_ns, grid, seen), values, _ = stream(seed, wide)
    got = at_grid(t_ns, values, seen, grid, near_ns=near_ns, begun_ns=begun_ns)
    assert got.values.shape == (len(grid), values.shape[1])
    assert got.values.dtype == np.float32
    assert np.isfinite(got.values).all()
    newest = dict(zip(t_ns.tolist(), values, strict=True))
    stamps = sorted(newest)
    for moment, value in zip(grid.tolist(), got.values, strict=True):
        before = [t for t in stamps if t <= moment] or stamps[:1]
        behind = [t for t in stamps if t >= moment] or stamps[-1:]
        around_it = [newest[before[-1]], newest[behind[0]]] if stamps else [np.zeros(values.shape[1])] * 2
        assert (value >= np.min(around_it, axis=0)).all()
        assert (value <= np.max(around_it, axis=0)).all()


@many
@given(seeds, st.booleans(), st.one_of(st.integers(0, 200), st.integers(0, 2**63 - 1)), any_int64)
def test_what_is_missing_is_counted_exactly_and_masks_the_stream_beyond_half(seed, wide, near_ns, begun_ns):
    (t_ns, grid, seen), values, _ = stream(seed, wide)
    got = at_grid(t_ns, values, seen, grid, near_ns=near_ns, begun_ns=begun_ns)
    if not len(t_ns):
        assert not got.mask.any()
        assert got.interpolated == (len(grid) > 0)
        return
    there = [moment >= begun_ns - near_ns for moment in grid.tolist()]
    missing = [
        here and all(abs(moment - stamp) > near_ns for stamp in seen.tolist())
        for here, moment in zip(there, grid.tolist(), strict=True)
    ]
    assert got.interpolated == pytest.approx(sum(missing) / max(1, len(grid)))
    assert got.mask.tolist() == [here and sum(missing) <= MOST_INTERPOLATED * sum(there) for here in there]


@many
@given(seeds, st.integers(0, 50))
def test_less_that_was_seen_never_makes_more_believed(seed, near_ns):
    (t_ns, grid, seen), values, random = stream(seed, wide=False)
    fewer = seen[random.random(len(seen)) < 0.5]
    more_seen, less_seen = (at_grid(t_ns, values, some, grid, near_ns=near_ns, begun_ns=-200) for some in (seen, fewer))
    assert less_seen.interpolated >= more_seen.interpolated
    assert (less_seen.mask <= more_seen.mask).all()


@many
@given(seeds, st.booleans())
def test_the_order_in_which_samples_came_does_not_matter(seed, wide):
    (t_ns, grid, seen), values, random = stream(seed, wide)
    rising = np.unique(t_ns, return_index=True)[1]
    anyhow = random.permutation(rising)
    one, other = (at_grid(t_ns[k], values[k], seen, grid, near_ns=5, begun_ns=0) for k in (rising, anyhow))
    assert np.array_equal(one.values, other.values)
    assert np.array_equal(one.mask, other.mask)


def test_of_equal_stamps_the_last_sample_counts():
    got = at_grid(
        stamps(0, 10, 10, 20),
        np.asarray([[0], [100], [10], [20]], np.float32),
        stamps(0),
        stamps(5, 10, 15),
        near_ns=99 * MS,
        begun_ns=0,
    )
    assert got.values[:, 0].tolist() == [5, 10, 15]


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_a_sample_that_is_not_finite_is_left_out(broken):
    values = np.asarray([[0, 0], [broken, 1], [20, 20]], np.float32)
    got = at_grid(stamps(0, 10, 20), values, stamps(0, 10, 20), stamps(0, 10, 20), near_ns=MS, begun_ns=0)
    assert got.values.tolist() == [[0, 0], [10, 10], [20, 20]]
    only = at_grid(stamps(0), values[1:2], stamps(0), stamps(0), near_ns=MS, begun_ns=0)
    assert not only.mask.any()
    assert only.interpolated == 1.0


def test_an_empty_grid_gives_nothing_and_misses_nothing():
    got = at_grid(stamps(0), np.ones((1, 2), np.float32), stamps(0), stamps(), near_ns=MS, begun_ns=0)
    assert got.values.shape == (0, 2)
    assert got.mask.shape == (0,)
    assert got.interpolated == 0.0
