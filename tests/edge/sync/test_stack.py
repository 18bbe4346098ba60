import numpy as np
import pytest

from edge.sync.lag_belief import agree, believe
from edge.sync.lagged import LAG_COUNT, MOST_LAG
from edge.sync.stack import DRIFTS_PPM, LAGS_MS, MOST_AGE_S, MOST_BLOCKS, Block, Stack, sheared

POINTS_MS = (np.arange(LAG_COUNT) - MOST_LAG) * 10.0


def hill(lag_ms, height=0.5, width_ms=60.0):
    """A correlation curve with one peak."""
    return height * np.exp(-0.5 * ((POINTS_MS - lag_ms) / width_ms) ** 2)


def block(at_s, lag_ms, height=0.5, track=1):
    return Block(at_s, {track: (hill(lag_ms, height), 4.0)})


def stacked(blocks):
    stack = Stack()
    for one in blocks:
        stack.add(one)
    return stack


def test_a_curve_of_earlier_is_moved_along_each_drift():
    grid = sheared(hill(100.0), -100.0)
    for drift_ppm, row in zip(DRIFTS_PPM, grid, strict=True):
        # 100 s ago the lag was smaller by the drift of 100 s, so that curve moves up by it.
        assert LAGS_MS[int(np.argmax(row))] == pytest.approx(100.0 + drift_ppm * 0.1, abs=5)


def test_beyond_the_ends_nothing_is_known():
    grid = sheared(np.ones(LAG_COUNT), 1000.0)
    assert (grid[DRIFTS_PPM == 300.0][:, LAGS_MS > 705] == 0).all()
    assert (grid[DRIFTS_PPM == 0.0] == 1).all()


@pytest.mark.parametrize("drift_ppm", [-200.0, -60.0, 0.0, 150.0])
def test_the_drift_that_lines_the_curves_up_is_believed(drift_ppm):
    stack = stacked(block(at_s, 80.0 + drift_ppm * at_s * 1e-3) for at_s in range(0, 300, 10))
    belief = believe(stack.faces())
    assert belief.mass > 0.99
    assert belief.lag_ms == pytest.approx(80.0 + drift_ppm * stack.at_s * 1e-3, abs=4)
    assert belief.drift_ppm == pytest.approx(drift_ppm, abs=20)
    assert belief.drift_spread_ppm < 30


def test_one_moment_says_nothing_about_drift():
    belief = believe(stacked([block(5.0, 80.0)]).faces())
    assert belief.drift_ppm == pytest.approx(0.0, abs=1)
    assert belief.drift_spread_ppm > 60


def test_two_peaks_that_are_alike_are_not_sure():
    both = Block(0.0, {1: (np.maximum(hill(0.0), hill(392.0, 0.48)), 6.0)})
    assert believe(stacked([both]).faces()).mass < 0.9


def test_weak_correlations_are_no_relation_however_long():
    belief = believe(stacked(block(10.0 * k, 50.0, height=0.12) for k in range(40)).faces())
    assert belief.mass < 0.5


def test_any_face_may_be_the_one_that_speaks():
    flat = np.zeros(LAG_COUNT)
    mixed = Block(0.0, {1: (flat, 8.0), 2: (hill(-150.0), 8.0), 3: (flat, 8.0)})
    belief = believe(stacked([mixed]).faces())
    assert belief.mass > 0.9
    assert belief.lag_ms == pytest.approx(-150, abs=3)


def test_what_agrees_speaks_for_the_lag():
    faces = stacked([block(0.0, 100.0)]).faces()
    assert agree(faces, 110.0)
    assert not agree(faces, 400.0)
    assert not agree(faces, 5000.0)


def test_what_grows_counts_but_is_not_kept():
    stack = Stack()
    assert believe(stack.faces(block(3.0, 200.0))).lag_ms == pytest.approx(200, abs=3)
    assert stack.faces() == []


def test_old_blocks_are_forgotten():
    assert MOST_BLOCKS <= len(stacked(block(10.0 * k, 0.0) for k in range(MOST_BLOCKS + 9))) < MOST_BLOCKS + 5
    aged = stacked([block(0.0, -400.0), block(MOST_AGE_S + 1.0, 90.0)])
    assert believe(aged.faces()).lag_ms == pytest.approx(90, abs=3)
    newest = stacked([block(0.0, -400.0), block(9.0, 90.0)]).newest(1)
    assert believe(newest.faces()).lag_ms == pytest.approx(90, abs=3)
