import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.sync.dtw import BAND_MS, FRAME_MS, Warp, channels, warp


def syllables(rng, n=100):
    signal = np.convolve(rng.standard_normal(n + 60), np.hanning(25), "same")[30:-30]
    return signal, np.convolve(rng.standard_normal(n + 60), np.hanning(25), "same")[30:-30]


def pair(rng, shift, noise):
    long_a, long_b = syllables(rng, 140)
    picture = channels(long_a[20:120], long_b[20:120])
    at = slice(20 - shift, 120 - shift)
    spread = noise * np.std(long_a)
    sound = channels(long_a[at] + spread * rng.standard_normal(100), long_b[at] + spread * rng.standard_normal(100))
    return picture, sound


def test_a_pair_in_step_stays_in_step():
    rng = np.random.default_rng(0)
    shifts = []
    for _ in range(30):
        path = warp(*pair(rng, 0, 0.6))
        shifts.append(np.abs(path.sound_at - np.arange(100)).mean() * FRAME_MS)
    assert np.mean(shifts) < 10


def test_a_shift_inside_the_band_is_followed():
    rng = np.random.default_rng(1)
    moved = [warp(*pair(rng, 8, 0.1)).shift_ms for _ in range(30)]
    assert np.median(moved) == pytest.approx(80, abs=35)


def test_the_path_is_monotone_and_inside_the_band():
    rng = np.random.default_rng(2)
    for shift in (-14, -5, 0, 5, 14):
        path = warp(*pair(rng, shift, 0.3))
        assert (np.diff(path.sound_at) >= 0).all()
        assert np.abs(path.sound_at - np.arange(100)).max() * FRAME_MS <= BAND_MS + FRAME_MS


@pytest.mark.parametrize(
    ("signal", "reason"),
    [
        (np.full(100, np.nan), "not finite"),
        (np.full(100, np.inf), "not finite"),
        (np.zeros(100), "constant"),
        (np.empty(0), "too short"),
        (np.ones(1), "too short"),
    ],
)
def test_signals_that_cannot_be_aligned_are_named(signal, reason):
    assert channels(signal, signal) == reason


def test_float32_is_taken():
    rng = np.random.default_rng(3)
    a = rng.standard_normal(100).astype(np.float32)
    b = rng.standard_normal(100).astype(np.float32)
    assert isinstance(warp(channels(a, b), channels(a, b)), Warp)


def test_shapes_that_differ_are_named():
    rng = np.random.default_rng(4)
    a = channels(rng.standard_normal(100), rng.standard_normal(100))
    b = channels(rng.standard_normal(90), rng.standard_normal(90))
    assert warp(a, b) == "shapes differ"


numbers = st.floats(allow_nan=True, allow_infinity=True, width=64)


@settings(max_examples=300, deadline=None)
@given(st.lists(numbers, max_size=60), st.lists(numbers, max_size=60))
def test_any_input_gives_a_path_of_finite_numbers_or_a_name(first, second):
    a = np.asarray(first)
    b = np.asarray(second)
    with np.errstate(all="ignore"):
        picture, sound = channels(a, b), channels(b, a)
    if isinstance(picture, str) or isinstance(sound, str):
        return
    path = warp(picture, sound)
    assert isinstance(path, str) or np.isfinite(path.sound_at).all()
