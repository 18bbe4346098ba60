from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.calibrate.agreement import Agreement, Shortfall, agree
from edge.calibrate.clap import HeardClap, SeenClap

PERIOD_NS = 33_333_333
UNEVEN_S = (1.0, 1.9, 3.15)


def seen(*seconds, jitter_ms=(0.0,) * 10):
    return [SeenClap(round(s * 1e9 + off * 1e6), PERIOD_NS, 3.0) for s, off in zip(seconds, jitter_ms, strict=False)]


def heard(*seconds, lag_ms=0.0):
    return [HeardClap(round(s * 1e9 + lag_ms * 1e6), -12.0) for s in seconds]


def found(verdict):
    assert isinstance(verdict, Agreement), verdict
    return verdict


@settings(deadline=None)
@given(lag_ms=st.floats(-900, 900), jitter_ms=st.lists(st.floats(-12, 12), min_size=3, max_size=3))
def test_the_lag_of_three_claps_is_their_mean(lag_ms, jitter_ms):
    verdict = found(agree(heard(*UNEVEN_S, lag_ms=lag_ms), seen(*UNEVEN_S, jitter_ms=jitter_ms), 3))
    assert verdict.offset_ms == pytest.approx(lag_ms - np.mean(jitter_ms), abs=0.01)
    assert abs(verdict.offset_ms - lag_ms) < 12.1
    assert len(verdict.pairs) == 3


def test_sound_that_comes_later_counts_positive():
    assert found(agree(heard(*UNEVEN_S, lag_ms=80), seen(*UNEVEN_S), 3)).offset_ms == pytest.approx(80)


def test_what_is_only_seen_or_only_heard_is_left_out():
    verdict = found(agree(heard(0.4, *UNEVEN_S, 3.6, lag_ms=40), seen(*UNEVEN_S, 2.4, 4.4), 3))
    assert verdict.offset_ms == pytest.approx(40)
    assert len(verdict.pairs) == 3


def test_no_clap_counts_twice():
    twice = agree(heard(*UNEVEN_S[:2]), seen(1.0, 1.015, 1.9), 3)
    assert isinstance(twice, Shortfall)
    assert twice.agreeing == 2


def test_one_bad_clap_of_four_is_left_out():
    verdict = found(agree(heard(*UNEVEN_S, 4.6), seen(*UNEVEN_S, 4.52), 3))
    assert verdict.offset_ms == pytest.approx(0)
    assert len(verdict.pairs) == 3


def test_what_agrees_by_chance_among_much_else_is_refused():
    """Typing: three clicks a second, and now and then a hand that stops."""
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(20):
        clicks, stops = np.cumsum(rng.uniform(0.3, 0.4, 60)), np.cumsum(rng.uniform(0.5, 2.0, 15))
        verdict = agree(heard(*clicks), seen(*stops), 3)
        refused += isinstance(verdict, Shortfall)
    assert refused >= 19


def test_claps_that_disagree_are_refused():
    verdict = agree(heard(*UNEVEN_S), seen(*UNEVEN_S, jitter_ms=(0, 70, -70)), 3)
    assert verdict == Shortfall("disagree", 3, 3, 1) or verdict.lack == "apart"


def test_claps_that_fit_two_lags_are_refused():
    even = (1.0, 1.8, 2.6, 3.4)
    assert agree(heard(*even[:3]), seen(*even[1:]), 3).offset_ms == pytest.approx(-800)
    verdict = agree(heard(*even), [*seen(1.0, 1.8, 2.6), *seen(4.2)], 3)
    assert isinstance(verdict, Shortfall)
    assert verdict.lack == "ambiguous"


@pytest.mark.parametrize(
    ("ears", "eyes", "lack"),
    [
        ((), (), "neither"),
        ((), UNEVEN_S, "not heard"),
        (UNEVEN_S, (), "not seen"),
        (UNEVEN_S[:2], UNEVEN_S, "too few"),
        (UNEVEN_S, (11.0, 12.0, 13.0), "apart"),
        ((1.0, 2.0, 4.5), (1.0, 2.0, 6.7), "disagree"),
    ],
)
def test_what_is_missing_is_named(ears, eyes, lack):
    verdict = agree(heard(*ears), seen(*eyes), 3)
    assert isinstance(verdict, Shortfall)
    assert verdict.lack == lack
    assert (verdict.heard, verdict.seen) == (len(ears), len(eyes))


def test_the_interval_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(0)
    inside, widths = [], {3: [], 8: []}
    for _ in range(150):
        for count in (3, 8):
            moments = np.cumsum(rng.uniform(0.7, 1.4, count))
            jitter = rng.uniform(-0.45, 0.45, count) * PERIOD_NS / 1e6
            verdict = found(agree(heard(*moments, lag_ms=25), seen(*moments, jitter_ms=jitter), 3))
            inside.append(abs(verdict.offset_ms - 25) <= verdict.ci_ms)
            widths[count].append(verdict.ci_ms)
    assert np.mean(inside) >= 0.95
    assert np.median(widths[8]) < 0.75 * np.median(widths[3]) < 20


def test_a_lag_of_more_than_a_second_is_not_looked_for():
    assert isinstance(agree(heard(*UNEVEN_S, lag_ms=5000), seen(*UNEVEN_S), 3), Shortfall)
