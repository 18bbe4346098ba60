import numpy as np
import pytest

from edge.sync.correlate import correlations, sub_sample_peak
from edge.sync.lag import LagEstimator


def talking(rng, seconds, lag_ms, noise):
    """Mouth and voice at 100 Hz that share syllables of about 4 Hz; the voice comes `lag_ms` later."""
    n = int(seconds * 100) + 200
    kernel = np.hanning(25)
    common = np.convolve(rng.standard_normal(n * 10), np.repeat(kernel, 10), "same")
    at = np.arange(n - 200) * 10 + 1000
    mouth = common[at] / common.std() + noise * rng.standard_normal(n - 200)
    voice = common[at - round(lag_ms)] / common.std() + noise * rng.standard_normal(n - 200)
    return mouth, voice


@pytest.mark.parametrize("lag_ms", [-200, -45, 0, 45, 125, 233])
def test_the_lag_of_a_voice_that_comes_later_is_positive_and_found(lag_ms):
    rng = np.random.default_rng(1)
    estimator = LagEstimator()
    for _ in range(9):
        estimator.step(*talking(rng, 8, lag_ms, 0.7), speech_s=6.0)
    assert estimator.lock == "locked"
    assert estimator.lag_ms == pytest.approx(lag_ms, abs=15)
    assert 75 < estimator.ci_ms < 100
    assert estimator.applied_ms == (estimator.lag_ms if abs(lag_ms) > 110 else 0.0)


def test_unrelated_signals_never_lock():
    rng = np.random.default_rng(2)
    estimator = LagEstimator()
    for _ in range(40):
        mouth, _ = talking(rng, 8, 0, 0.7)
        _, voice = talking(rng, 8, 0, 0.7)
        estimator.step(mouth, voice, speech_s=6.0)
    assert estimator.lock == "measuring"
    assert estimator.lag_ms is None


def test_silence_holds_what_was_found_and_a_reset_forgets_it():
    rng = np.random.default_rng(3)
    estimator = LagEstimator()
    for _ in range(9):
        estimator.step(*talking(rng, 8, 80, 0.5), speech_s=6.0)
    estimator.step(np.zeros(800), np.zeros(800), speech_s=0.0)
    assert estimator.lock == "held"
    assert estimator.lag_ms == pytest.approx(80, abs=15)
    estimator.reset()
    assert estimator.lock == "measuring"


def test_it_does_not_hunt_inside_its_hysteresis():
    rng = np.random.default_rng(4)
    estimator = LagEstimator()
    for _ in range(9):
        estimator.step(*talking(rng, 8, 100, 0.5), speech_s=6.0)
    settled = estimator.lag_ms
    for _ in range(12):
        estimator.step(*talking(rng, 8, 112, 0.5), speech_s=6.0)
    assert estimator.lag_ms == settled
    for _ in range(12):
        estimator.step(*talking(rng, 8, 190, 0.5), speech_s=6.0)
    assert estimator.lag_ms == pytest.approx(190, abs=15)


def test_a_lag_set_by_hand_is_used_as_it_is():
    estimator = LagEstimator(fixed_ms=33.0)
    estimator.step(np.zeros(800), np.zeros(800), speech_s=6.0)
    assert (estimator.lag_ms, estimator.applied_ms, estimator.lock) == (33.0, 33.0, "locked")


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_broken_signals_change_nothing(bad):
    estimator = LagEstimator()
    signal = np.random.default_rng(5).standard_normal(800)
    for _ in range(9):
        estimator.step(np.where(np.arange(800) == 3, bad, signal), signal, speech_s=6.0)
    assert estimator.lag_ms is None


def test_peaks_are_found_between_samples():
    x = np.arange(21)
    position, height = sub_sample_peak(1.0 - 0.01 * (x - 9.3) ** 2)
    assert position == pytest.approx(9.3)
    assert height == pytest.approx(1.0)


def test_correlation_of_a_shifted_copy_peaks_at_the_shift():
    signal = np.random.default_rng(6).standard_normal(300)
    curve = correlations(signal[10:], signal[:-10], 20)
    assert int(np.argmax(curve)) - 20 == 10
    assert curve.max() == pytest.approx(1.0)
