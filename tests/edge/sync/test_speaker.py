import numpy as np

from edge.sync.speaker import SpeakerChooser, agreement


def mouths(rng, envelope):
    talking = envelope + 0.8 * rng.standard_normal(len(envelope))
    return {1: talking, 2: rng.standard_normal(len(envelope))}


def envelope_of(rng):
    return np.convolve(rng.standard_normal(160), np.hanning(25), "same")[30:130] / 3


def test_the_mouth_that_moves_with_the_voice_owns_it():
    rng = np.random.default_rng(0)
    chooser = SpeakerChooser()
    for _ in range(10):
        envelope = envelope_of(rng)
        owner = chooser.step(mouths(rng, envelope), envelope, voice=0.8)
    assert owner == 1
    assert chooser.score(1) > 0.7
    assert chooser.score(2) < 0.4


def test_nobody_owns_silence():
    rng = np.random.default_rng(1)
    chooser = SpeakerChooser()
    envelope = envelope_of(rng)
    assert chooser.step(mouths(rng, envelope), envelope, voice=0.0) is None


def test_a_voice_from_off_screen_is_owned_by_nobody():
    rng = np.random.default_rng(2)
    chooser = SpeakerChooser()
    owners = []
    for _ in range(60):
        still = {1: rng.standard_normal(100), 2: rng.standard_normal(100)}
        owners.append(chooser.step(still, envelope_of(rng), voice=0.9))
    assert owners[10:].count(None) > 45


def test_flat_or_broken_signals_agree_with_nothing():
    signal = np.random.default_rng(3).standard_normal(100)
    assert agreement(np.zeros(100), signal) == 0.0
    assert agreement(np.full(100, np.nan), signal) == 0.0
    assert agreement(signal[:50], signal) == 0.0
