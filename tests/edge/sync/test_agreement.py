"""Products of a mouth's and a voice's channels, each pair of points once."""

import numpy as np
import pytest

from edge.sync.agreement import LAGS, MOST_EVIDENCE, Products, evidence, products
from tests.edge.sync.talks import listening, talk

EVERYWHERE = np.ones(300, np.bool_)


def test_a_mouth_that_is_its_own_voice_correlates_to_1_at_lag_0():
    mouth, _ = talk(np.random.default_rng(0), 3)
    found = products(mouth, mouth, EVERYWHERE, 300)
    assert LAGS[found.by_lag.argmax()] == 0
    assert found.by_lag.max() / found.ticks == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("lag", [-4, 2, 8])
def test_a_voice_that_comes_later_is_found_at_its_lag(lag):
    mouth, _ = talk(np.random.default_rng(1), 3)
    found = products(mouth, np.roll(mouth, lag, axis=0), EVERYWHERE, 300)
    assert LAGS[found.by_lag.argmax()] == lag


def test_the_size_and_the_level_of_a_channel_do_not_matter():
    mouth, voice = talk(np.random.default_rng(2), 3)
    other = products(mouth * [3.0, 0.1, 5.0] + [0.0, 9.0, -2.0], voice * 40 - 70, EVERYWHERE, 20)
    np.testing.assert_allclose(other.by_lag, products(mouth, voice, EVERYWHERE, 20).by_lag)


def test_what_is_new_adds_up_to_the_whole():
    mouth, voice = talk(np.random.default_rng(3), 3)
    parts = products(mouth, voice, EVERYWHERE, 200), products(mouth, voice, EVERYWHERE, 120)
    newest = products(mouth, voice, EVERYWHERE, 120).by_lag
    between = parts[0].by_lag - parts[1].by_lag
    np.testing.assert_allclose(between + newest, parts[0].by_lag)
    assert parts[0].ticks - parts[1].ticks == pytest.approx(4.0)


def test_points_far_from_speech_do_not_count():
    mouth, voice = talk(np.random.default_rng(4), 3)
    speech = np.zeros(300, np.bool_)
    assert products(mouth, voice, speech, 300) is None
    speech[100:150] = True
    assert products(mouth, voice, speech, 300).ticks == pytest.approx((50 + 2 * 20) / 20)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, 1e200])
def test_a_value_that_says_nothing_is_left_out(wrong):
    mouth, voice = talk(np.random.default_rng(5), 3)
    spoiled, unknown = mouth.copy(), mouth.copy()
    spoiled[250:260, 1], unknown[250:260] = wrong, np.nan
    found = products(spoiled, voice, EVERYWHERE, 100)
    np.testing.assert_allclose(found.by_lag, products(unknown, voice, EVERYWHERE, 100).by_lag)
    assert found.ticks == pytest.approx(products(mouth, voice, EVERYWHERE, 100).ticks - 0.5)


@pytest.mark.parametrize("points", [0, 1, 15, 20])
def test_too_little_is_no_evidence(points):
    mouth, voice = talk(np.random.default_rng(6), 1)
    assert products(mouth[:points], voice[:points], EVERYWHERE[:points], points) is None


def test_flat_channels_give_0():
    _, voice = talk(np.random.default_rng(7), 3)
    assert not products(np.ones((300, 3)), voice, EVERYWHERE, 20).by_lag.any()


def test_agreement_speaks_for_a_face_and_its_lack_against_it_within_bounds():
    none = np.zeros(len(LAGS))
    assert (evidence(Products(none, 1.0)) < 0).all()
    assert (evidence(Products(none + 0.5, 1.0)) > 0).all()
    assert not evidence(Products(none, 0.0)).any()
    assert (np.abs(evidence(Products(none + 1e9, 1.0))) <= MOST_EVIDENCE).all()


def test_a_listener_agrees_with_nothing():
    rng = np.random.default_rng(8)
    _, voice = talk(rng, 3)
    found = products(listening(rng, 3), voice, EVERYWHERE, 300)
    assert np.abs(found.by_lag / found.ticks).max() < 0.2
