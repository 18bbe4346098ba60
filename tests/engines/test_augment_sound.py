"""Changes of training sounds: what must stay, and what must change."""

import numpy as np
import pytest
from scipy.fft import dct

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'edge-emotion[train]'")

from edge.features.mfcc import MEL_COUNT, MFCC_COUNT, mel_to_hz  # noqa: E402
from engines.augment_sound import augment_sound, mix_windows, warp_matrix  # noqa: E402

NO_SPEAKERS = np.zeros(MFCC_COUNT, np.float32)


def tone(band):
    """Coefficients of a spectrum with one smooth hump."""
    hump = np.exp(-0.5 * ((np.arange(MEL_COUNT) - band) / 3.0) ** 2)
    return dct(hump, norm="ortho")[:MFCC_COUNT]


def peak_hz(coefficients):
    bands = dct(np.pad(coefficients, (0, MEL_COUNT - MFCC_COUNT)), type=3, norm="ortho")
    top_mel = 15.0 + 27.0 * np.log(8.0) / np.log(6.4)
    return mel_to_hz(np.linspace(0.0, top_mel, MEL_COUNT + 2)[1:-1])[bands.argmax()]


@pytest.mark.parametrize("factor", [0.85, 1.0, 1.2])
def test_a_warp_moves_a_resonance_by_its_factor(factor):
    for band in (20, 40):
        moved = peak_hz(tone(band) @ warp_matrix(factor))
        assert moved == pytest.approx(factor * peak_hz(tone(band)), rel=0.06)


def test_no_warp_is_no_change():
    assert np.abs(warp_matrix(1.0) - np.eye(MFCC_COUNT)).max() < 1e-6


def test_the_same_seed_gives_the_same_sounds_and_what_went_in_stays():
    sound = np.random.default_rng(1).normal(size=(6, 100, 120)).astype(np.float32)
    before, mask = sound.copy(), np.ones((6, 100), np.float32)
    one, two = (augment_sound(sound, mask, NO_SPEAKERS, np.random.default_rng(2)) for _ in range(2))
    assert np.array_equal(one[0], two[0])
    assert np.array_equal(sound, before)
    assert mask.all()


def test_a_constant_voice_stays_constant_and_its_deltas_stay_zero():
    sound = np.zeros((20, 100, 120), np.float32)
    sound[:, :, :MFCC_COUNT] = np.random.default_rng(1).normal(size=(20, 1, MFCC_COUNT))
    changed, _ = augment_sound(sound, np.ones((20, 100), np.float32), NO_SPEAKERS, np.random.default_rng(2))
    assert np.ptp(changed, axis=1).max() < 1e-4
    assert np.abs(changed[:, :, MFCC_COUNT:]).max() == 0
    assert np.abs(changed - sound).max() > 0.01


def test_deltas_are_warped_as_statics_are():
    sound = np.random.default_rng(1).normal(size=(9, 100, 120)).astype(np.float32)
    sound[:, :, :MFCC_COUNT] -= sound[:, :, :MFCC_COUNT].mean(axis=1, keepdims=True)
    sound[:, :, MFCC_COUNT : 2 * MFCC_COUNT] = sound[:, :, :MFCC_COUNT]
    changed, _ = augment_sound(sound, np.ones((9, 100), np.float32), NO_SPEAKERS, np.random.default_rng(2))
    assert np.allclose(changed[:, :, :MFCC_COUNT], changed[:, :, MFCC_COUNT : 2 * MFCC_COUNT], atol=1e-4)


def test_speakers_differ_by_a_constant_spectrum():
    sound, mask = np.zeros((400, 100, 120), np.float32), np.ones((400, 100), np.float32)
    changed, left = augment_sound(sound, mask, np.full(MFCC_COUNT, 3.0, np.float32), np.random.default_rng(0))
    assert np.ptp(changed, axis=1).max() == 0
    assert changed[:, 0, :MFCC_COUNT].std() == pytest.approx(3.9, rel=0.1)
    assert 0 < (left.sum(axis=1) < 100).mean() < 1
    assert left.sum(axis=1).min() >= 75


def test_mixed_windows_have_targets_in_the_same_shares():
    labels = torch.arange(8) % 7
    targets = torch.nn.functional.one_hot(labels, 7).float()
    sound = labels.float().view(-1, 1, 1).expand(8, 100, 120)
    mixed, _, shares = mix_windows(sound, torch.ones(8, 100), targets, np.random.default_rng(0))
    assert torch.allclose(mixed[:, 0, 0], (shares * torch.arange(7.0)).sum(1), atol=1e-5)
