import numpy as np
import pytest

from engines.evaluation.conditions import PictureNoise, active_power, babble, mixed, pink_noise
from tests.engines.evaluation.made_up import RATE, hum


def decibels(power):
    return 10 * np.log10(power)


@pytest.mark.parametrize("snr_db", [-5.0, 5.0, 20.0])
def test_noise_lies_as_far_below_the_voice_as_is_said(snr_db):
    speech = 0.2 * hum(2.0)
    noise = pink_noise(len(speech), np.random.default_rng(0))
    added = mixed(speech, noise, snr_db).astype(np.float64) - speech
    assert decibels(active_power(speech)) - decibels(np.mean(added**2)) == pytest.approx(snr_db, abs=0.1)


def test_pauses_do_not_make_the_voice_weaker():
    speech = hum(1.0)
    with_pause = np.concatenate([speech, np.zeros(RATE, np.float32)])
    assert decibels(active_power(with_pause)) == pytest.approx(decibels(active_power(speech)), abs=0.3)


def test_a_loud_mixture_is_turned_down_not_cut_off():
    speech = hum(1.0) / np.abs(hum(1.0)).max()
    both = mixed(speech, pink_noise(len(speech), np.random.default_rng(0)), 0.0)
    assert np.abs(both).max() == pytest.approx(1.0)
    assert (np.abs(both) > 0.999).sum() < 3


def test_pink_noise_falls_by_three_decibels_an_octave():
    power = np.abs(np.fft.rfft(pink_noise(60 * RATE, np.random.default_rng(0)))) ** 2
    octaves = [power[60 * low : 120 * low].mean() for low in (250, 500, 1000, 2000)]
    assert np.diff(decibels(np.array(octaves))) == pytest.approx([-3.0] * 3, abs=0.3)


def test_babble_holds_all_voices_at_equal_power():
    one, other = hum(1.0, pitch=100.0), 30 * hum(1.0, pitch=170.0, seed=1)
    both = babble(len(one), [one, other])
    shares = [abs(np.corrcoef(both, voice[::-1])[0, 1]) for voice in (one, other)]
    assert shares[0] == pytest.approx(shares[1], abs=0.1)
    assert min(shares) > 0.5


def test_a_spoiled_picture_is_darker_softer_and_as_large():
    picture = np.random.default_rng(0).integers(0, 256, (96, 64, 3)).astype(np.uint8)
    spoiled = PictureNoise().spoil(picture)
    assert spoiled.shape == picture.shape
    assert spoiled.mean() == pytest.approx(0.35 * picture.mean(), rel=0.05)
    assert (
        np.abs(np.diff(spoiled.astype(int), axis=0)).mean() < 0.1 * np.abs(np.diff(picture.astype(int), axis=0)).mean()
    )
    assert PictureNoise().spoil(picture[:, :, 0]).shape == (96, 64)
