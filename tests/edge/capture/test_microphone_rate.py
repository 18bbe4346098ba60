"""Sample rates that are not what they say, of a real stream."""

from __future__ import annotations

import time

import numpy as np
import pytest

from edge.capture import rate_meter
from edge.clock import NS_PER_S
from edge.samples import RATE_HZ
from tests.microphone import lying_microphone


@pytest.fixture
def quick(monkeypatch):
    """Measured over shorter spans than in earnest."""
    monkeypatch.setattr(rate_meter, "SPAN_NS", 3 * NS_PER_S // 2)


def hear(microphone, until):
    """All chunks until the condition holds."""
    chunks, end = [], time.monotonic() + 30
    while not until(chunks):
        assert time.monotonic() < end, "it took far too long"
        chunk = microphone.read(0.2)
        if chunk is not None:
            chunks.append(chunk)
    return chunks


def pitch_hz(chunks):
    sound = np.concatenate([chunk.samples for chunk in chunks])
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return np.argmax(spectrum) * RATE_HZ / len(sound)


def test_a_card_at_another_rate_than_it_says_is_found_and_sounds_right_again(plugged_in, microphone, quick):
    with lying_microphone(plugged_in, real_hz=44_100, told_hz=48_000):
        microphone.open()
        wrong = hear(microphone, lambda chunks: len(chunks) > 100)
        hear(microphone, lambda _: microphone.rate_fault is not None)
        mended = hear(microphone, lambda chunks: len(chunks) > 100)[50:]
    assert "14700 Hz where 16000 Hz were agreed" in microphone.rate_fault
    assert pitch_hz(wrong) == pytest.approx(440 * 48 / 44.1, abs=3)
    assert pitch_hz(mended) == pytest.approx(440, abs=3)
    seconds = sum(len(chunk.samples) for chunk in mended) / RATE_HZ
    assert seconds == pytest.approx((mended[-1].end_ns - mended[0].t_ns) / NS_PER_S, abs=0.15)


def test_a_card_that_keeps_its_rate_is_not_suspected(plugged_in, microphone, quick):
    with lying_microphone(plugged_in, real_hz=48_000, told_hz=48_000):
        microphone.open()
        chunks = hear(microphone, lambda chunks: len(chunks) > 240)
        assert microphone.rate_fault is None
    assert pitch_hz(chunks[100:]) == pytest.approx(440, abs=2)
