"""What training voices are like on the whole, and voices at another pace."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'edge-emotion[train]'")

from engines.sound_statistics import balance, sound_statistics, speaker_deviation  # noqa: E402
from engines.sounds import SpeechSet  # noqa: E402


@pytest.fixture
def speech():
    """Two utterances of one RAVDESS speaker, one of an nEMO speaker, one of a test person."""
    features = np.repeat(np.array([1.0, 3.0, 3.0, 90.0]), 100)[:, None].repeat(120, 1).astype(np.float16)
    return SpeechSet(
        features=features,
        voiced=np.ones(400, bool),
        starts=np.arange(5) * 100,
        labels=np.array([0, 0, 0, 1]),
        parts=np.array(["train", "train", "train", "test"]),
        sets=np.array(["ravdess", "ravdess", "nemo", "nemo"]),
        speakers=np.array(["02", "02", "A", "B"]),
        noisy=np.zeros(4, bool),
    )


def test_speakers_differ_as_training_speakers_do(speech):
    assert speaker_deviation(speech) == pytest.approx(np.full(40, 0.5))


def test_sets_come_by_their_shares(speech):
    chances = balance(speech.windows("train", noisy=False))
    assert chances.sum() == pytest.approx(1)
    assert chances[0] == chances[1]
    assert (chances[0] + chances[1]) / chances[2] == pytest.approx(0.55 / 0.2)


def test_statistics_are_those_of_the_prepared_frames(speech):
    centre, scale = sound_statistics(
        speech.windows("train", noisy=False), np.random.default_rng(0), lambda sound, mask: sound * 2.0
    )
    assert centre[0] == pytest.approx(2 * 7 / 3, rel=0.05)
    assert scale[0] == pytest.approx(2 * np.std([1, 3, 3]), rel=0.05)


@pytest.mark.parametrize("pace", [0.8, 1.0, 1.25])
def test_a_faster_voice_has_steeper_deltas(pace):
    """A line that rises by 0.5 a frame, with deltas of 0.5 and second deltas of 1."""
    ramp = np.arange(300)[:, None] * 0.5
    features = np.concatenate([ramp.repeat(40, 1), np.full((300, 40), 0.5), np.ones((300, 40))], axis=1)
    one = np.array(["x"])
    speech = SpeechSet(features.astype(np.float16), np.ones(300, bool), np.array([0, 300]), np.array([0]),
                       np.array(["train"]), one, one, np.zeros(1, bool))  # fmt: skip
    windows = speech.windows("train", noisy=False)
    sound, mask = windows.get(np.array([2]), None, np.array([pace]))
    assert mask.all()
    assert np.diff(sound[0, :, 0]) == pytest.approx(np.full(99, 0.5 * pace), abs=0.05)
    assert sound[0, :, 40] == pytest.approx(np.full(100, 0.5 * pace))
    assert sound[0, :, 80] == pytest.approx(np.full(100, pace**2))
    assert sound[0, 0, 0] == 25.0
