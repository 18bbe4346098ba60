import numpy as np
import pytest

from edge.infer.utterance import Utterance
from edge.samples import EMOTIONS

NS = 1_000_000_000
TICK = NS // 5


def leaning(emotion, top=0.3):
    values = np.full(7, (1 - top) / 6, np.float32)
    values[EMOTIONS.index(emotion)] = top
    return values


def test_agreeing_windows_make_an_utterance_surer_than_each_of_them():
    utterance = Utterance(temperature=0.6)
    for k in range(40):
        gathered = utterance.step(k * TICK, 0.9, leaning("sad"))
        assert k or gathered == pytest.approx(leaning("sad"), abs=1e-4)
    assert EMOTIONS[int(gathered.argmax())] == "sad"
    sharpened = leaning("sad") ** (1 / 0.6)
    assert gathered == pytest.approx(sharpened / sharpened.sum(), abs=1e-3)
    assert gathered.sum() == pytest.approx(1, abs=1e-5)
    assert utterance.number == 1


def test_a_second_of_silence_ends_it_and_the_next_one_starts_afresh():
    utterance = Utterance()
    for k in range(10):
        utterance.step(k * TICK, 0.9, leaning("sad"))
    shares = [0.9, 0.6, 0.4, 0.2, 0.1]  # of speech in the windows while the second of silence passes
    kept = [utterance.step((10 + k) * TICK, share, None) for k, share in enumerate(shares)]
    assert all(gathered is not None for gathered in kept)
    assert utterance.step(15 * TICK, 0.0, None) is None
    assert utterance.seconds == 0.0
    gathered = utterance.step(20 * TICK, 0.9, leaning("happy"))
    assert EMOTIONS[int(gathered.argmax())] == "happy"
    assert utterance.number == 2
    assert utterance.seconds < 1.0


def test_a_short_pause_does_not_end_it_and_adds_nothing():
    utterance = Utterance()
    for k in range(10):
        before = utterance.step(k * TICK, 0.9, leaning("sad"))
    paused = utterance.step(10 * TICK, 0.1, leaning("happy", 0.9))
    assert paused.tolist() == before.tolist()
    utterance.step(11 * TICK, 0.9, leaning("sad"))
    assert utterance.number == 1


def test_evidence_older_than_ten_seconds_is_forgotten():
    utterance = Utterance()
    for k in range(60):
        utterance.step(k * TICK, 0.9, leaning("sad", 0.9))
    for k in range(60, 120):
        gathered = utterance.step(k * TICK, 0.9, leaning("angry", 0.5))
    assert EMOTIONS[int(gathered.argmax())] == "angry"


def test_seconds_never_exceed_what_is_remembered():
    utterance = Utterance()
    for k in range(100):
        utterance.step(k * TICK, 0.9, leaning("sad"))
    assert utterance.seconds == 10.0
