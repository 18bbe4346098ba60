from __future__ import annotations

import numpy as np
import pytest

from edge.capture.sound_watch import DELAYED, HOLES, LATE, NO_NUMBERS, SILENT, STUCK, SoundWatch
from edge.clock import NS_PER_MS, NS_PER_S
from edge.samples import Chunk

RUN_NS = 20 * NS_PER_MS


class Stream:
    """Runs of 20 ms, one after the other, into one watch."""

    def __init__(self, watch):
        self.watch = watch
        self.t_ns = 10**12
        self.random = np.random.default_rng(3)

    def noise(self):
        return np.round(self.random.normal(0, 3, 320)).astype(np.float32) / 32768

    def run(self, seconds, sound=None, delay_s=0.05):
        """The faults told meanwhile, in order, and each once in a row."""
        told = []
        for _ in range(round(seconds * 50)):
            samples = self.noise() if sound is None else np.asarray(sound(), np.float32)
            end_ns = self.t_ns + RUN_NS
            fault = self.watch.step(Chunk(self.t_ns, end_ns + round(delay_s * NS_PER_S), 0, samples))
            self.t_ns = end_ns
            if not told or told[-1] != fault:
                told.append(fault)
        return told

    def skip(self, seconds):
        self.t_ns += round(seconds * NS_PER_S)


@pytest.fixture
def stream():
    return Stream(SoundWatch())


def level(value):
    return lambda: np.full(320, value, np.float32)


def test_a_quiet_room_is_no_fault(stream):
    assert stream.run(10) == [None]


@pytest.mark.parametrize(("value", "fault"), [(0.0, SILENT), (-1.0, STUCK), (5 / 32768, STUCK)])
def test_samples_that_are_all_the_same_for_two_seconds_are_told_until_one_is_not(stream, value, fault):
    stream.run(1)
    assert stream.run(1.9, level(value)) == [None]
    assert stream.run(0.3, level(value)) == [None, fault]
    assert stream.run(5, level(value)) == [fault]
    assert stream.run(0.1) == [None]


def test_a_word_between_two_silences_makes_them_two(stream):
    for _ in range(4):
        assert stream.run(1.5, level(0)) == [None]
        assert stream.run(0.1) == [None]


def test_a_headset_that_is_silent_between_sentences_is_learned(stream):
    faults = sum(SILENT in stream.run(4, level(0)) + stream.run(1) for _ in range(20))
    assert faults == 1, "once, and then it is known for its pauses"
    assert SILENT in stream.run(9, level(0)), "but not for longer ones"
    stream.run(1)
    stream.watch.reopened()
    assert SILENT in stream.run(3, level(0)), "another opening, another device"


def test_levels_that_differ_between_runs_are_sound(stream):
    values = iter(range(10_000))
    assert stream.run(5, lambda: np.full(320, next(values) / 32768, np.float32)) == [None]


def test_dither_is_no_silence(stream):
    assert stream.run(5, lambda: stream.random.integers(0, 2, 320) / 32768) == [None]


def test_silence_hides_nothing_and_opens_nothing():
    assert not SILENT.masks
    assert not SILENT.reopens


def test_sound_that_is_no_number_is_kept_from_everybody(stream):
    assert stream.run(0.1, level(np.nan)) == [NO_NUMBERS]
    assert stream.run(0.1, lambda: np.r_[stream.noise()[:-1], np.inf]) == [NO_NUMBERS]
    assert stream.run(0.1) == [None]
    assert NO_NUMBERS.masks


def test_sound_that_piled_up_is_told_after_two_seconds_and_may_be_opened_anew(stream):
    stream.run(3)
    assert stream.run(1.9, delay_s=0.7) == [None]
    assert stream.run(0.3, delay_s=0.7) == [None, LATE]
    assert LATE.reopens
    assert not LATE.masks
    stream.watch.reopened()
    assert stream.run(3) == [LATE, None]


def test_a_short_delay_is_nobodys_fault(stream):
    stream.run(1)
    assert stream.run(1.5, delay_s=0.9) == [None]
    assert stream.run(3) == [None]


def test_a_device_that_is_always_late_is_not_opened_over_and_over(stream):
    assert stream.run(5, delay_s=0.7)[-1] == DELAYED
    stream.watch.reopened()
    assert stream.run(5, delay_s=0.7) == [DELAYED]
    assert not DELAYED.reopens


def test_one_hole_is_nothing_and_three_within_ten_seconds_are_told(stream):
    stream.run(13)
    stream.skip(0.2)
    assert stream.run(2) == [None]
    stream.skip(0.2)
    assert stream.run(2) == [None]
    stream.skip(0.2)
    assert stream.run(9) == [HOLES]
    assert stream.run(3) == [HOLES, None]


def test_the_holes_of_a_stream_that_settles_prove_nothing(stream):
    for _ in range(10):
        assert stream.run(1) == [None]
        stream.skip(0.1)
    assert stream.run(5) == [None]


def test_a_burst_of_holes_is_one(stream):
    stream.run(13)
    for _ in range(10):
        stream.skip(0.05)
        assert stream.run(0.02) == [None]


def test_the_hole_of_an_opening_is_none(stream):
    for _ in range(5):
        stream.run(13)
        stream.skip(1)
        stream.watch.reopened()
    assert stream.run(13) == [None]


def test_the_sample_rate_is_the_microphones_to_tell():
    class Card:
        rate_fault: str | None = None

    card = Card()
    stream = Stream(SoundWatch(card))
    assert stream.run(1) == [None]
    card.rate_fault = "its sound comes at 44100 Hz where 48000 Hz were agreed"
    (fault,) = stream.run(1)
    assert fault.words == card.rate_fault
    assert not fault.masks
    assert not fault.reopens
