import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.sync.applied import HYSTERESIS_MS, AppliedLag, worth_correcting_ms

SPREAD_MS = 30.0


@given(st.floats(-1000, 1000), st.floats(1, 400))
def test_never_more_than_the_lag_is_corrected_and_in_its_direction(lag_ms, spread_ms):
    worth_ms = worth_correcting_ms(lag_ms, spread_ms)
    assert abs(worth_ms) <= abs(lag_ms) + 1e-9
    assert worth_ms * lag_ms >= 0
    assert worth_correcting_ms(-lag_ms, spread_ms) == -worth_ms


def test_small_lags_are_left_alone_and_large_ones_are_not():
    assert worth_correcting_ms(30.0, SPREAD_MS) < 10
    assert worth_correcting_ms(150.0, SPREAD_MS) == pytest.approx(150, abs=2)
    assert worth_correcting_ms(60.0, 5.0) == pytest.approx(60, abs=1)


def test_it_does_not_hunt_inside_its_hysteresis():
    applied = AppliedLag()
    applied.step(200.0, SPREAD_MS)
    settled_ms = applied.ms
    for lag_ms in 200.0 + 0.9 * HYSTERESIS_MS * np.sin(np.arange(50)):
        applied.step(lag_ms, SPREAD_MS)
        assert applied.ms == settled_ms
    applied.step(200.0 + 1.2 * HYSTERESIS_MS, SPREAD_MS)
    assert applied.ms == pytest.approx(224, abs=1)


def test_a_known_drift_is_followed_smoothly_but_nothing_moves_while_in_step():
    applied, in_step = AppliedLag(), AppliedLag()
    applied.step(200.0, SPREAD_MS)
    moves_ms = []
    for second in range(1, 200):
        before_ms = applied.ms
        applied.step(200.0 + 0.2 * second, SPREAD_MS, 0.2)
        in_step.step(5.0, SPREAD_MS, 0.2)
        moves_ms.append(applied.ms - before_ms)
    assert np.allclose(moves_ms, 0.2)
    assert in_step.ms == 0.0
