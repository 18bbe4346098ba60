from __future__ import annotations

import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.features.level import LevelMeter
from edge.features.sound_features import SoundFeatures, joined, sound_matrix
from edge.features.timeline import Timeline
from edge.samples import Chunk
from tests.edge.features.speech import cut, noise, tone

pytestmark = pytest.mark.timeout(120)

NS_PER_SAMPLE = 62_500
START_NS = 812_345_678_901_234
SOUND = np.concatenate([noise(1.0, 0.003), noise(1.0, 0.003, seed=1) + tone(1.0, 300.0, 0.1)])


def stream(features, chunks, start_ns=START_NS):
    """Every run of a stream whose stamps are right."""
    runs, sample = [], 0
    for seq, chunk in enumerate(chunks):
        runs.append(features.step(Chunk(start_ns + sample * NS_PER_SAMPLE, 0, seq, chunk)))
        sample += len(chunk)
    return [run for run in runs if run is not None]


def whole(features, runs):
    end = features.finish()
    return joined([*runs, *([end] if end is not None else [])], 0.0)


def test_without_denoising_a_recording_equals_librosa():
    mel = librosa.feature.melspectrogram(y=SOUND, sr=16_000, n_fft=480, hop_length=160, n_mels=64, center=False)
    statics = librosa.feature.mfcc(S=librosa.power_to_db(mel, amin=1e-10, top_db=None), n_mfcc=40)
    expected = np.vstack([statics, librosa.feature.delta(statics), librosa.feature.delta(statics, order=2)]).T
    np.testing.assert_allclose(sound_matrix(SOUND, denoise=False).features, expected, atol=1e-3)


@pytest.mark.parametrize(("samples", "frames"), [(0, 0), (479, 0), (480, 1), (16_000, 98), (50_000, 310)])
@pytest.mark.parametrize("denoise", [True, False])
def test_a_recording_has_a_frame_for_each_full_window(samples, frames, denoise):
    matrix = sound_matrix(noise(4.0, 0.01)[:samples], denoise=denoise)
    assert matrix.features.shape == (frames, 120)
    assert matrix.features.dtype == np.float32
    assert matrix.level_db.shape == matrix.voice.shape == (frames,)
    np.testing.assert_array_equal(matrix.t_ns, 15_000_000 + 10_000_000 * np.arange(frames))


@pytest.fixture(scope="module")
def expected():
    return sound_matrix(SOUND)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(40, 16_000), min_size=1, max_size=6))
def test_any_chunks_give_the_same_frames(expected, sizes):
    features = SoundFeatures()
    got = whole(features, stream(features, cut(SOUND, sizes)))
    np.testing.assert_array_equal(got.t_ns, expected.t_ns + START_NS)
    np.testing.assert_allclose(got.features, expected.features, atol=1e-3)
    np.testing.assert_allclose(got.level_db, expected.level_db, atol=1e-3)
    np.testing.assert_allclose(got.voice, expected.voice, atol=1e-5)


def test_single_samples_are_chunks_too():
    features = SoundFeatures()
    got = whole(features, stream(features, cut(SOUND[:3000], [1])))
    np.testing.assert_allclose(got.features, sound_matrix(SOUND[:3000]).features, atol=1e-3)


def test_a_run_repeats_at_most_the_last_four_frames_with_their_stamps():
    runs = stream(SoundFeatures(), cut(SOUND, [160]))
    late = [run for run in runs if run.t_ns[0] > START_NS + 200_000_000]
    assert len(late) > 100
    assert {len(run.t_ns) for run in late} == {5}
    for before, after in zip(late, late[1:], strict=False):
        np.testing.assert_array_equal(before.t_ns[1:], after.t_ns[:4])
        np.testing.assert_allclose(before.features[1:, :40], after.features[:4, :40], atol=1e-6)


def test_no_more_than_45_ms_between_a_frame_and_its_arrival():
    chunks = cut(SOUND, [160])
    features, heard = SoundFeatures(), 0
    newest = None
    for seq, chunk in enumerate(chunks):
        run = features.step(Chunk(START_NS + heard * NS_PER_SAMPLE, 0, seq, chunk))
        heard += len(chunk)
        newest = run.t_ns[-1] if run is not None else newest
        if newest is not None and heard > 2000:
            assert heard * NS_PER_SAMPLE - (newest - START_NS) <= 45_000_000


def test_stamps_are_the_true_moments_of_the_sound():
    click = noise(1.0, 1e-4)
    click[8000:8160] += tone(0.01, 1000.0, 0.3)
    matrix = sound_matrix(click)
    loudest = matrix.t_ns[np.argmax(matrix.features[:, 0])]
    assert abs(loudest - 505_000_000) <= 10_000_000
    assert matrix.t_ns[np.argmax(matrix.level_db)] == 505_000_000


def test_a_gap_starts_a_new_stream():
    features = SoundFeatures()
    before = stream(features, cut(SOUND[:16_000], [160]))
    resumed_ns = START_NS + 1_100_000_000
    after = stream(features, cut(SOUND[16_000:], [160]), resumed_ns)
    assert before[-1].t_ns[-1] < START_NS + 1_000_000_000
    assert after[0].t_ns[0] == resumed_ns + 15_000_000
    fresh = SoundFeatures(denoise=False)
    clean_runs = stream(fresh, cut(SOUND[16_000:], [160]), resumed_ns)
    assert [len(run.t_ns) for run in after[:8]] == [len(run.t_ns) for run in clean_runs[:8]]


def test_sound_that_comes_twice_starts_a_new_stream():
    features = SoundFeatures()
    stream(features, cut(SOUND[:16_000], [160]))
    after = stream(features, cut(SOUND[:16_000], [160]), START_NS + 500_000_000)
    assert after[0].t_ns[0] == START_NS + 515_000_000


def test_a_small_jump_is_followed_without_a_break():
    features = SoundFeatures()
    before = stream(features, cut(SOUND[:16_000], [160]))
    after = stream(features, cut(SOUND[16_000:], [160]), START_NS + 1_020_000_000)
    t_ns = joined([*before, *after], 0.0).t_ns
    assert len(t_ns) > 190
    assert np.diff(t_ns).min() >= 9_000_000
    assert np.diff(t_ns).max() <= 11_000_000
    moved_ms = (t_ns[-1] - t_ns[0]) / 1e6 - 10 * (len(t_ns) - 1)
    assert 6.0 < moved_ms <= 20.0


def test_jitter_of_the_stamps_is_smoothed():
    rng = np.random.default_rng(2)
    timeline, sample, errors, stamps = Timeline(START_NS), 0, [], []
    for _ in range(1500):
        true_ns = START_NS + sample * NS_PER_SAMPLE
        timeline.correct(sample, true_ns + round(rng.uniform(-8e6, 8e6)))
        stamps.append(timeline.t_ns(np.array([sample]))[0])
        errors.append(stamps[-1] - true_ns)
        sample += 160
    assert np.abs(errors[200:]).max() < 2e6
    assert np.abs(np.diff(stamps) - 10e6).max() <= 1e6


@pytest.mark.parametrize("ppm", [200, -200])
def test_drift_is_followed(ppm):
    timeline = Timeline(START_NS)
    for k in range(6000):
        true_ns = START_NS + round(k * 10_000_000 * (1 + ppm * 1e-6))
        assert not timeline.is_gap(k * 160, true_ns)
        timeline.correct(k * 160, true_ns)
    assert abs(timeline.t_ns(np.array([6000 * 160]))[0] - true_ns - 10_000_000) < 1_000_000


def test_reset_starts_afresh_and_keeps_the_room():
    features = SoundFeatures()
    stream(features, cut(noise(2.0, 0.01), [160]))
    noise_db = features.noise_db
    features.reset()
    runs = stream(features, cut(noise(1.0, 0.01, seed=4), [160]), 5_000_000_000)
    assert runs[0].t_ns[0] == 5_015_000_000
    assert noise_db == pytest.approx(features.noise_db, abs=1.0)


def test_noise_level_and_level_agree_on_noise():
    features = SoundFeatures()
    runs = stream(features, cut(noise(2.0, 0.01), [320]))
    assert features.noise_db == pytest.approx(float(np.mean(runs[-1].level_db)), abs=1.5)
    assert runs[-1].noise_db == features.noise_db


@pytest.mark.parametrize(("hz", "db"), [(1000.0, -20.0), (10.0, -55.0), (7500.0, -35.0)])
def test_level_is_that_of_the_band_of_voices(hz, db):
    level = LevelMeter().step(tone(1.0, hz, 0.1))
    assert len(level) == 100
    if hz == 1000.0:
        np.testing.assert_allclose(level[5:], db, atol=0.3)
    else:
        assert level[20:].max() < db


@pytest.mark.parametrize(
    "bad",
    [
        np.full(160, np.nan, np.float32),
        np.full(160, np.inf, np.float32),
        np.full(160, -1e30, np.float32),
        np.zeros(160, np.float32),
        np.ones(160, np.float32),
    ],
    ids=["nan", "inf", "huge", "zeros", "dc"],
)
@pytest.mark.parametrize("denoise", [True, False])
def test_bad_sound_never_gives_bad_numbers(bad, denoise):
    features = SoundFeatures(denoise=denoise)
    chunks = [*cut(noise(0.5, 0.01), [160]), *[bad] * 50, *cut(noise(0.5, 0.01), [160])]
    for run in stream(features, chunks):
        for numbers in (run.features, run.level_db, run.voice, run.noise_db):
            assert np.isfinite(numbers).all()
    assert np.ptp(run.features) < 1000


def test_an_empty_chunk_is_nothing():
    assert SoundFeatures().step(Chunk(START_NS, 0, 0, np.empty(0, np.float32))) is None
