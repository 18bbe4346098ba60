from __future__ import annotations

import subprocess
import sys

import noisereduce
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from noisereduce.spectralgate import stationary
from noisereduce.spectralgate.utils import _amp_to_db
from scipy.signal import stft

from edge.errors import EdgeError
from edge.features.denoise import DELAY_SAMPLES, FFT_SAMPLES, HOP_SAMPLES, MASK_SMOOTH_MS, Denoiser
from edge.features.noise import NoiseProfile
from edge.features.voice import BLOCK_SAMPLES
from tests.edge.features.speech import cut, noise, tone

pytestmark = pytest.mark.timeout(120)


def run(denoiser, chunks, probability):
    """All that comes out, the delayed end included."""
    out, heard = [], 0
    for chunk in chunks:
        blocks = (heard + len(chunk)) // BLOCK_SAMPLES - heard // BLOCK_SAMPLES
        heard += len(chunk)
        out.append(denoiser.step(chunk, np.full(blocks, probability, np.float32)))
    out.append(denoiser.finish())
    return np.concatenate(out)


def teach(profile: NoiseProfile, sound) -> None:
    """The statistics that noisereduce itself takes from a recording of noise."""
    _, _, spectra = stft(sound, nperseg=FFT_SAMPLES, noverlap=FFT_SAMPLES - HOP_SAMPLES, padded=False)
    frames_db = _amp_to_db(spectra).T
    for _ in range(NoiseProfile.ENOUGH_BLOCKS):
        profile.hear(frames_db, -30.0, voice=False)


def db(sound) -> float:
    return float(10.0 * np.log10(np.mean(np.square(sound, dtype=np.float64)) + 1e-30))


@pytest.mark.parametrize("chunk", [160, 4096])
def test_equals_noisereduce_on_the_same_profile(chunk):
    room = noise(2.0, 0.01, seed=1).astype(np.float64)
    sound = noise(2.0, 0.01, seed=2) + tone(2.0, 440.0, 0.1) * (np.arange(32_000) % 8000 < 4000)
    sound = sound.astype(np.float32)
    expected = noisereduce.reduce_noise(
        sound.astype(np.float64),
        16_000,
        stationary=True,
        prop_decrease=0.8,
        y_noise=room,
        n_fft=FFT_SAMPLES,
        hop_length=HOP_SAMPLES,
        time_mask_smooth_ms=MASK_SMOOTH_MS,
        clip_noise_stationary=False,
        padding=100 * HOP_SAMPLES,
    )
    denoiser = Denoiser()
    teach(denoiser.profile, room)
    denoiser.restart()
    got = run(denoiser, cut(sound, [chunk]), 1.0)
    assert len(got) == len(expected)
    assert db(expected - sound) > -50.0, "noisereduce did something, so that equality means something"
    np.testing.assert_allclose(got[:-DELAY_SAMPLES], expected[:-DELAY_SAMPLES], atol=1e-5)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(10, 3000), min_size=1, max_size=6))
def test_any_chunks_give_the_same_sound(sizes):
    sound = np.concatenate([noise(0.6, 0.01), noise(0.4, 0.1, seed=5)])
    whole = run(Denoiser(), [sound], 0.0)
    np.testing.assert_allclose(run(Denoiser(), cut(sound, sizes), 0.0), whole, atol=1e-6)


def test_at_most_20_ms_wait_inside():
    denoiser, fed, out = Denoiser(), 0, 0
    for chunk in cut(noise(1.0, 0.1), [1, 7, 160, 333]):
        blocks = (fed + len(chunk)) // BLOCK_SAMPLES - fed // BLOCK_SAMPLES
        fed += len(chunk)
        out += len(denoiser.step(chunk, np.zeros(blocks, np.float32)))
        assert 0 <= fed - out <= DELAY_SAMPLES
    assert out + len(denoiser.finish()) == fed


def test_takes_away_the_noise_and_leaves_the_sound_in_place():
    room = noise(3.0, 0.01)
    mixed = room + np.concatenate([np.zeros(32_000, np.float32), noise(1.0, 0.2, seed=7)])
    out = run(Denoiser(), cut(mixed, [160]), 0.0)
    quiet, loud = slice(16_000, 31_000), slice(33_000, 47_000)
    assert db(out[quiet]) < db(mixed[quiet]) - 11.0
    assert abs(db(out[loud]) - db(mixed[loud])) < 0.5
    lags = np.correlate(out[33_000:35_000], mixed[33_200:34_800], "valid")
    assert np.argmax(lags) == 200, "no delay"


def test_unknown_noise_leaves_the_gate_open():
    sound = noise(0.5, 0.05)
    out = run(Denoiser(), [sound], 1.0)
    # noisereduce's smoothing of the mask takes a little from the lowest and highest 500 Hz, even of an open gate
    spectrum, passed = np.abs(np.fft.rfft(sound[400:-400])), np.abs(np.fft.rfft(out[400:-400]))
    middle = slice(len(spectrum) // 8, -len(spectrum) // 8)
    assert np.sum(passed[middle]) == pytest.approx(np.sum(spectrum[middle]), rel=1e-3)
    assert 0.5 < np.sum(passed) / np.sum(spectrum) < 1.0


def test_what_the_detector_calls_a_voice_is_not_learnt():
    denoiser = Denoiser()
    run(denoiser, [noise(1.0, 0.01)], 0.9)
    assert not denoiser.profile.known


def test_a_shout_that_the_detector_misses_is_not_learnt_but_a_new_fan_is():
    denoiser = Denoiser()
    run(denoiser, cut(np.concatenate([noise(2.0, 0.003), noise(1.5, 0.1)]), [320]), 0.0)
    assert denoiser.profile.level_db < -48.0
    denoiser.restart()
    run(denoiser, cut(noise(7.0, 0.1), [320]), 0.0)
    assert denoiser.profile.level_db > -30.0


def test_level_of_the_profile_is_that_of_the_band():
    denoiser = Denoiser()
    run(denoiser, [noise(3.0, 0.01)], 0.0)
    # white noise: 3900 of 8000 Hz
    assert denoiser.profile.level_db == pytest.approx(-40.0 + 10 * np.log10(3900 / 8000), abs=0.5)


def test_digital_silence_is_no_room():
    denoiser = Denoiser()
    run(denoiser, [np.zeros(32_000, np.float32)], 0.0)
    assert not denoiser.profile.known


@pytest.mark.parametrize(
    "sound",
    [np.zeros(16_000), np.ones(16_000), np.sign(tone(1.0, 50.0, 1.0)), np.eye(1, 16_000, 8000)[0], noise(1.0, 1e-7)],
    ids=["zeros", "dc", "clipped", "click", "faint"],
)
def test_strange_sound_stays_finite_and_bounded(sound):
    out = run(Denoiser(), cut(sound.astype(np.float32), [480]), 0.0)
    assert len(out) == len(sound)
    assert np.isfinite(out).all()
    assert np.abs(out).max() <= 1.5


def test_another_noisereduce_is_named(monkeypatch):
    class Other:
        def __init__(self, y, sr): ...

    monkeypatch.setattr(stationary, "SpectralGateStationary", Other)
    with pytest.raises(EdgeError, match="noisereduce is missing or not version 3"):
        Denoiser()


def test_torch_is_not_taken_along_where_it_is_installed():
    code = "import sys; from edge.features.denoise import Denoiser; Denoiser(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
