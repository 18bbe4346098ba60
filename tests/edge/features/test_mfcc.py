from __future__ import annotations

import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.features.mfcc import DELTA_REACH, Deltas, Mfcc, mel_filters
from tests.edge.features.speech import cut, noise, tone

pytestmark = pytest.mark.timeout(120)


def librosa_features(sound):
    mel = librosa.feature.melspectrogram(y=sound, sr=16_000, n_fft=480, hop_length=160, n_mels=64, center=False)
    mel_db = librosa.power_to_db(mel, ref=1.0, amin=1e-10, top_db=None)
    statics = librosa.feature.mfcc(S=mel_db, n_mfcc=40)
    return np.vstack([statics, librosa.feature.delta(statics), librosa.feature.delta(statics, order=2)]).T


def ours(chunks):
    """The rows of a stream, and those that were sent as final, by frame number."""
    statics, deltas = Mfcc(), Deltas()
    newest, runs = {}, []
    for chunk in chunks:
        first, rows = deltas.step(statics.step(chunk))
        runs.append((first, len(rows)))
        newest.update({first + k: row for k, row in enumerate(rows)})
    return np.array([newest[k] for k in range(len(newest))]), runs


SOUND = noise(1.5, 0.05) + tone(1.5, 220.0, 0.2)


def test_mel_filters_are_librosas():
    np.testing.assert_allclose(mel_filters(), librosa.filters.mel(sr=16_000, n_fft=480, n_mels=64), atol=1e-6)


@pytest.mark.parametrize("gain", [1.0, 1e-3, 0.0])
def test_a_whole_recording_equals_librosa(gain):
    sound = SOUND * np.float32(gain)
    rows, _ = ours([sound])
    expected = librosa_features(sound)
    assert rows.shape == expected.shape == (148, 120)
    np.testing.assert_allclose(rows, expected, atol=1e-3)


@pytest.fixture(scope="module")
def expected():
    return librosa_features(SOUND)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 4000), min_size=1, max_size=6))
def test_any_chunks_give_the_same_rows(expected, sizes):
    rows, _ = ours(cut(SOUND, sizes))
    np.testing.assert_allclose(rows, expected, atol=1e-3)


def test_the_newest_four_frames_come_again_finished():
    statics = np.random.default_rng(3).standard_normal((60, 40)).astype(np.float32)
    deltas, final = Deltas(), {}
    for k in range(60):
        first, rows = deltas.step(statics[k : k + 1])
        assert first + len(rows) == k + 1
        for number, row in enumerate(rows, first):
            assert number not in final, "a finished frame was sent again"
            if number <= k - DELTA_REACH and k >= 8:
                final[number] = row
    expected = librosa.feature.delta(statics.T).T
    assert sorted(final) == list(range(56))
    np.testing.assert_allclose([final[k][40:80] for k in range(56)], expected[:56], atol=1e-4)


def test_provisional_deltas_are_the_fit_at_the_edge():
    statics = np.random.default_rng(4).standard_normal((30, 40)).astype(np.float32)
    deltas = Deltas()
    deltas.step(statics[:20])
    first, rows = deltas.step(statics[20:])
    expected = librosa.feature.delta(statics.T, order=2).T
    assert first == 16
    np.testing.assert_allclose(rows[:, 80:], expected[16:], atol=1e-4)


def test_fewer_than_nine_frames_have_no_slope_yet():
    first, rows = Deltas().step(np.ones((8, 40), np.float32))
    assert first == 0
    assert rows.shape == (8, 120)
    assert not rows[:, 40:].any()


def test_less_than_a_window_gives_nothing():
    mfcc = Mfcc()
    assert mfcc.step(np.zeros(479, np.float32)).shape == (0, 40)
    assert mfcc.step(np.zeros(1, np.float32)).shape == (1, 40)
