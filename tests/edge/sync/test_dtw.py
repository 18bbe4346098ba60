from __future__ import annotations

import logging
from typing import get_args

import numpy as np
import pytest
from dtaidistance import dtw as library
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edge.samples import WINDOW_FRAMES
from edge.sync import dtw
from edge.sync.dtw import BAND_MS, FRAME_MS, PENALTY, SPAN_FRAMES, Fallback, Warp, freed_of_lead, warp
from edge.sync.slope import FASTEST, SLOWEST

REASONS = get_args(Fallback)
many = settings(max_examples=1000, deadline=None)
seeds = st.integers(0, 2**32 - 1)
sizes = st.tuples(st.integers(2, 130), st.integers(3, 8))


def syllables(seed, shape, width=15):
    """Smooth random channels (n, C), as mouths and voices are."""
    n, channels = shape
    noise = np.random.default_rng(seed).standard_normal((n + 2 * width, channels))
    smooth = [np.convolve(column, np.hanning(width), "same")[width:-width] for column in noise.T]
    return np.column_stack(smooth)


def heard(mouth, shift, noise, seed=1):
    """The voice of a mouth, `shift` frames late (its ends go round), with noise of so many standard deviations."""
    added = noise * mouth.std(axis=0) * np.random.default_rng(seed).standard_normal(mouth.shape)
    return np.roll(mouth, shift, axis=0) + added


def steps_ms(path):
    return np.abs(path.sound_at - np.arange(len(path.sound_at))) * FRAME_MS


def check_path(path, points):
    """What holds for every path."""
    assert path.sound_at.shape == (points,)
    assert np.isfinite(path.sound_at).all()
    assert steps_ms(path).max() <= BAND_MS + 1e-6
    steps = np.diff(path.sound_at)
    assert ((steps >= SLOWEST - 1e-6) & (steps <= FASTEST + 1e-6)).all()
    assert 0 <= path.gain <= 1
    assert abs(path.shift_ms) <= BAND_MS + 1e-6
    assert np.isfinite([path.cost, path.straight_cost]).all()


@many
@given(seeds, sizes, st.integers(-40, 40), st.floats(0, 3), st.data())
def test_every_path_is_monotone_inside_the_band_and_keeps_to_the_slopes(seed, shape, shift, noise, data):
    run_up = data.draw(st.integers(0, shape[0] - 1))
    mouth = syllables(seed, shape)
    path = warp(mouth, heard(mouth, shift, noise), shape[0] - run_up)
    assert isinstance(path, Warp)
    check_path(path, shape[0] - run_up)


@many
@given(seeds, sizes)
def test_rough_and_unrelated_channels_get_a_path_of_the_same_kind(seed, shape):
    random = np.random.default_rng(seed)
    path = warp(random.standard_cauchy(shape), random.standard_cauchy(shape), shape[0])
    assert isinstance(path, Warp)
    check_path(path, shape[0])


@many
@given(seeds, sizes, st.floats(0.01, 100), st.floats(-100, 100))
def test_a_voice_that_is_the_mouth_is_left_where_it_is(seed, shape, gain, offset):
    mouth = syllables(seed, shape)
    path = warp(mouth, gain * mouth + offset, shape[0])
    assert path.sound_at == pytest.approx(np.arange(shape[0]), abs=1e-9)
    assert path.shift_ms == pytest.approx(0, abs=1e-9)
    assert not path.convincing


odd = st.one_of(
    st.floats(width=64),
    st.sampled_from([0.0, 1.0, 5e-324, -5e-324, 1e300, -1e300, 1.7976931348623157e308, np.nan, np.inf, -np.inf]),
)
shapes = st.one_of(
    st.tuples(st.integers(0, 40), st.integers(0, 5)),
    st.tuples(st.integers(0, 40)),
    st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 4)),
)


@st.composite
def odd_pairs(draw):
    shape = draw(shapes)
    other = draw(st.sampled_from([shape, shape, shape, draw(shapes)]))
    return draw(arrays(np.float64, shape, elements=odd)), draw(arrays(np.float64, other, elements=odd))


@many
@given(odd_pairs(), st.sampled_from([np.float64, np.float32, np.float16, np.int64]), st.booleans(), st.integers(-2, 40))
def test_any_input_gives_a_path_or_a_known_reason_and_never_an_error(pair, kind, backwards, frames):
    with np.errstate(all="ignore"):
        mouth, voice = (side.astype(kind) for side in pair)
    if backwards:
        mouth, voice = mouth[::-1], voice[::-1]
    path = warp(mouth, voice, frames)
    if isinstance(path, str):
        assert path in REASONS
    else:
        check_path(path, frames)


@many
@given(seeds, sizes, st.floats(-6, 300), st.floats(-6, 300), st.booleans())
def test_size_and_layout_of_the_input_change_nothing(seed, shape, mouth_exponent, voice_exponent, columns_first):
    mouth = syllables(seed, shape)
    mouth /= np.abs(mouth).max(axis=0)
    voice = heard(mouth, 4, 0.3)
    scaled = mouth * 10.0**mouth_exponent, voice * 10.0**voice_exponent
    if columns_first:
        scaled = np.asfortranarray(scaled[0]), scaled[1][::-1][::-1]
    assert warp(*scaled, shape[0]).sound_at == pytest.approx(warp(mouth, voice, shape[0]).sound_at, abs=1e-6)


def damaged(what, rows=slice(None)):
    mouth = syllables(3, (WINDOW_FRAMES, 3))
    mouth[rows] = what
    return mouth


GOOD = syllables(4, (WINDOW_FRAMES, 3))


@pytest.mark.parametrize(
    ("mouth", "voice", "reason"),
    [
        (damaged(np.nan), GOOD, "mouth not finite"),
        (GOOD, damaged(np.nan, 50), "voice not finite"),
        (damaged(np.inf, -1), GOOD, "mouth not finite"),
        (GOOD, damaged(-np.inf, 0), "voice not finite"),
        (damaged(0.1), GOOD, "mouth constant"),
        (GOOD, damaged(-70.0), "voice constant"),
        (GOOD, damaged(5e-324), "voice constant"),
        (GOOD[:0], GOOD[:0], "too short"),
        (GOOD[:99], GOOD[:99], "too short"),
        (GOOD, GOOD[:90], "shapes differ"),
        (GOOD[:, 0], GOOD[:, 0], "shapes differ"),
        (GOOD[:, :2], GOOD[:, :2], "too few channels"),
        (GOOD[:, :0], GOOD[:, :0], "too few channels"),
    ],
)
def test_what_cannot_be_warped_is_named(mouth, voice, reason):
    assert warp(mouth, voice) == reason


def test_a_library_without_c_is_named_and_told_once(monkeypatch, caplog):
    monkeypatch.setattr(library, "dtw_cc", None)
    dtw._without_library.cache_clear()
    with caplog.at_level(logging.WARNING):
        assert [warp(GOOD, GOOD) for _ in range(3)] == ["no DTW library"] * 3
    assert len(caplog.records) == 1
    dtw._without_library.cache_clear()


def test_float32_and_integers_are_taken():
    mouth = syllables(5, (WINDOW_FRAMES, 3))
    voice = heard(mouth, 5, 0.2)
    wanted = warp(mouth, voice).sound_at
    got = warp(mouth.astype(np.float32), voice.astype(np.float32)).sound_at
    assert got == pytest.approx(wanted, abs=1.0)
    assert isinstance(warp((1000 * mouth).astype(np.int64), (1000 * voice).astype(np.int64)), Warp)


@pytest.mark.parametrize("shift", [-10, -6, 6, 10])
def test_a_shift_inside_the_band_is_followed_by_the_window_behind_its_run_up(shift):
    paths = [warp(mouth := syllables(seed, (SPAN_FRAMES, 3)), heard(mouth, shift, 0.3)) for seed in range(20)]
    assert np.median([path.shift_ms for path in paths]) == pytest.approx(shift * FRAME_MS, abs=10)
    assert np.mean([path.gain for path in paths]) > 0.1


def test_a_noisy_voice_in_step_stays_within_10_ms():
    paths = [warp(mouth := syllables(seed, (SPAN_FRAMES, 3)), heard(mouth, 0, 1.2)) for seed in range(60)]
    moved_ms = [steps_ms(path).mean() if path.convincing else 0.0 for path in paths]
    assert np.mean(moved_ms) < 5
    assert np.percentile(moved_ms, 95) < 10


def cheapest_cost(picture, sound, band, penalty):
    """The plain recursion over all cells, its newest end free by `band` frames: what the C code has to agree with."""
    n = len(picture)
    sums = np.full((n + 1, n + 1), np.inf)
    sums[0, 0] = 0.0
    for i in range(n):
        for j in range(max(0, i - band), min(n, i + band + 1)):
            before = min(sums[i, j], sums[i, j + 1] + penalty**2, sums[i + 1, j] + penalty**2)
            sums[i + 1, j + 1] = ((picture[i] - sound[j]) ** 2).sum() + before
    return np.sqrt(min(sums[n, n - band :].min(), sums[n - band :, n].min()))


@pytest.mark.parametrize("shift", [0, 4, -9])
def test_the_cost_is_that_of_the_cheapest_path_penalty_included(shift):
    mouth = syllables(6, (WINDOW_FRAMES, 3))
    voice = heard(mouth, shift, 0.5)
    path = warp(mouth, voice)
    z = [(side - side.mean(axis=0)) / side.std(axis=0) for side in (mouth, voice)]
    assert path.cost == pytest.approx(cheapest_cost(*z, BAND_MS // FRAME_MS, PENALTY))
    assert path.straight_cost == pytest.approx(np.linalg.norm(z[0] - z[1]))
    assert path.gain == pytest.approx(max(0.0, 1 - path.cost / path.straight_cost))


def test_the_run_up_reaches_back_as_far_as_everything_is_known():
    mouth = syllables(7, (SPAN_FRAMES, 3))
    voice = heard(mouth, 8, 0.3)
    cut = mouth.copy()
    cut[:120, 0] = np.nan
    got = warp(cut, voice)
    assert len(got.sound_at) == WINDOW_FRAMES
    assert got.sound_at == pytest.approx(warp(mouth[120:], voice[120:]).sound_at)
    assert not np.array_equal(got.sound_at, warp(mouth, voice).sound_at)


def test_more_than_the_span_is_not_looked_at():
    mouth = syllables(8, (SPAN_FRAMES + 50, 3))
    voice = heard(mouth, 8, 0.3)
    spoiled = voice.copy()
    spoiled[:50] = 1e6
    assert np.array_equal(warp(mouth, spoiled).sound_at, warp(mouth, voice).sound_at)


@many
@given(st.integers(0, 60), st.one_of(st.integers(-200, 200), st.floats(-1e6, 1e6)))
def test_a_lead_that_is_taken_out_leaves_rows_that_belong_together(n, lead_ms):
    mouth = np.arange(n, dtype=np.float64)[:, None]
    picture, sound = freed_of_lead(mouth, mouth, lead_ms)
    lead = int(np.clip(round(min(max(lead_ms, -BAND_MS), BAND_MS) / FRAME_MS), -n, n))
    assert len(picture) == len(sound) == n - abs(lead)
    assert (sound - picture == lead).all()


def test_a_mouth_ahead_of_its_voice_is_in_step_once_its_lead_is_taken_out():
    mouth = syllables(10, (SPAN_FRAMES, 3))
    voice = heard(mouth, 7, 0.3)
    assert warp(mouth, voice).shift_ms == pytest.approx(70, abs=10)
    assert warp(*freed_of_lead(mouth, voice, 70.0)).shift_ms == pytest.approx(0, abs=2)


def test_the_margin_decides_what_is_convincing():
    mouth = syllables(11, (SPAN_FRAMES, 3))
    voice = heard(mouth, 6, 0.5)
    gain = warp(mouth, voice).gain
    assert gain > 0.02
    assert warp(mouth, voice, margin=gain * 0.99).convincing
    assert not warp(mouth, voice, margin=gain).convincing
    assert not warp(mouth, voice, margin=1.0).convincing


def test_more_channels_that_say_the_same_change_nothing():
    mouth = syllables(9, (WINDOW_FRAMES, 3))
    voice = heard(mouth, 6, 0.4)
    twice = warp(np.hstack([mouth, mouth]), np.hstack([voice, voice]))
    assert twice.sound_at == pytest.approx(warp(mouth, voice).sound_at)
    assert twice.cost == pytest.approx(warp(mouth, voice).cost)
