from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.sync.slope import FASTEST, SLOWEST, limited

many = settings(max_examples=1000, deadline=None)


@many
@given(st.integers(0, 2**32 - 1), st.integers(1, 120), st.floats(0.05, 1), st.floats(-50, 50))
def test_every_step_keeps_to_the_slopes_and_stays_inside_the_band(seed, size, stillness, start):
    path = start + np.cumsum(np.random.default_rng(seed).geometric(stillness, size) - 1.0)
    diagonal = np.arange(len(path))
    got = limited(path)
    rises = np.diff(got)
    assert ((rises >= SLOWEST - 1e-9) & (rises <= FASTEST + 1e-9)).all()
    assert (got - diagonal).min() >= (path - diagonal).min() - 1e-9
    assert (got - diagonal).max() <= (path - diagonal).max() + 1e-9


@many
@given(st.integers(0, 2**32 - 1), st.integers(1, 120), st.floats(-50, 50))
def test_a_path_that_keeps_to_the_slopes_is_left_alone(seed, size, start):
    path = start + np.cumsum(np.random.default_rng(seed).uniform(SLOWEST, FASTEST, size))
    assert limited(path) == pytest.approx(path, abs=1e-9)


def test_a_jump_is_crossed_as_steeply_as_allowed_half_before_and_half_behind():
    path = np.where(np.arange(60) < 30, 0.0, 8.0) + np.arange(60)
    got = limited(path)
    assert got[:20] == pytest.approx(path[:20])
    assert got[40:] == pytest.approx(path[40:])
    assert got[29] + got[30] == pytest.approx(path[29] + path[30], abs=0.01)
